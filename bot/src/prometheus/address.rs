//! Addresses below that of a server.

use url::Url;

/// A path below an address.
pub(super) fn below(url: &Url, path: &str) -> Url {
    let mut url = url.clone();
    url.set_path(&format!("{}{path}", url.path().trim_end_matches('/')));
    url.set_query(None);
    url
}
