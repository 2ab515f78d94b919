//! Reading request bodies: JSON, or multipart with `payload_json` and `files[n]`.

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, header};
use serde_json::Value;

use super::super::rules::form::{ApiError, bad_json, too_large};
use super::super::rules::messages::MAX_REQUEST;

/// An uploaded file.
#[derive(Debug, Clone)]
pub(in crate::discord) struct File {
    /// The n of `files[n]`.
    pub(in crate::discord) index: u64,
    /// The file's name.
    pub(in crate::discord) name: String,
    /// MIME type.
    pub(in crate::discord) content_type: String,
    /// The content.
    pub(in crate::discord) bytes: Bytes,
}

/// A body that has been read.
#[derive(Debug, Default)]
pub(super) struct Received {
    pub(super) json: Value,
    pub(super) files: Vec<File>,
}

/// Why a body was not read.
#[derive(Debug)]
pub(super) enum Unread {
    /// The connection ended in the middle of it: nobody waits for an answer, and nobody did anything wrong.
    Cut,
    /// It is none that Discord takes.
    Refused(ApiError),
}

impl From<ApiError> for Unread {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl From<axum::Error> for Unread {
    fn from(error: axum::Error) -> Self {
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            if cause.to_string() == "length limit exceeded" {
                return Self::Refused(too_large());
            }
            source = cause.source();
        }
        Self::Cut
    }
}

/// Reads a body.
///
/// # Errors
/// 413 when it is too large, 50109 when it is not what its content type says, and when it was cut off.
pub(super) async fn receive(headers: &HeaderMap, body: Body) -> Result<Received, Unread> {
    let bytes = axum::body::to_bytes(body, MAX_REQUEST).await?;
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if let Ok(boundary) = multer::parse_boundary(kind) {
        return Ok(multipart(bytes, boundary).await?);
    }
    if bytes.is_empty() {
        return Ok(Received::default());
    }
    let json = serde_json::from_slice(&bytes).map_err(|_| bad_json())?;
    Ok(Received {
        json,
        files: Vec::new(),
    })
}

async fn multipart(bytes: Bytes, boundary: String) -> Result<Received, ApiError> {
    let once = futures::stream::once(async move { Ok::<_, std::convert::Infallible>(bytes) });
    let mut parts = multer::Multipart::new(once, boundary);
    let mut received = Received::default();
    while let Some(part) = parts.next_field().await.map_err(|_| bad_json())? {
        let name = part.name().unwrap_or_default().to_owned();
        let filename = part.file_name().unwrap_or("unknown").to_owned();
        let content_type = part.content_type().map(ToString::to_string);
        let bytes = part.bytes().await.map_err(|_| bad_json())?;
        if name == "payload_json" {
            received.json = serde_json::from_slice(&bytes).map_err(|_| bad_json())?;
        } else if let Some(index) = name
            .strip_prefix("files[")
            .and_then(|rest| rest.strip_suffix(']'))
        {
            let index = index.parse().map_err(|_| bad_json())?;
            let content_type = content_type.unwrap_or_else(|| guess(&filename).to_owned());
            received.files.push(File {
                index,
                name: filename,
                content_type,
                bytes,
            });
        }
    }
    Ok(received)
}

fn guess(filename: &str) -> &'static str {
    match filename.rsplit('.').next() {
        Some("png") => "image/png",
        Some("json") => "application/json; charset=utf-8",
        Some("txt" | "log" | "yaml" | "yml" | "diff" | "md" | "csv") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_cut_off_is_not_too_large() {
        let cut = futures::stream::iter([Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("reset"))]);
        let cut = receive(&HeaderMap::new(), Body::from_stream(cut)).await;
        assert!(matches!(cut, Err(Unread::Cut)), "{cut:?}");
        let large = Body::from(vec![b' '; MAX_REQUEST + 1]);
        let large = receive(&HeaderMap::new(), large).await;
        assert!(
            matches!(&large, Err(Unread::Refused(error)) if error.status == 413),
            "{large:?}"
        );
    }
}
