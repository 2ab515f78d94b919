//! Whether going back would help: only where what fails is a newer template than one that is known to have worked.

use std::time::Duration;

use super::{change::latest, found::of_pod, scene::Look, sightings::is_counted};
