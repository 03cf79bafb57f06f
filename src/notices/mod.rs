//! A due step to a mail: subject, text, HTML, calendar entry. Pure; rendered from templates.
