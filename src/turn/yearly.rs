//! The yearly report within a turn (L3): sent on its schedule to the Strategic Director.

use super::{Failure, Turn};

impl Turn<'_> {
    /// Sends the yearly report when its schedule has come round since it was last looked at.
    ///
    /// # Errors
    /// The store's, or that the report cannot be written.
    pub fn yearly(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}
