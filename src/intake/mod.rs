//! What kind of message this is (I1-I11), whose incident, and the decisions in its lines.
