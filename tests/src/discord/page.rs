//! The page to chat in, as the playground serves it: plain HTML, CSS and ES modules, built into the binary so that it
//! needs no files beside it and no network. It talks to the person API of the same server (`/api/...`) and loads
//! nothing from elsewhere; the content security policy sees to that, and to text never becoming script.

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

/// What the browser may do with the page: its own scripts, styles, pictures and connections, nothing inline, no frames.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// One file of the page.
struct Asset {
    path: &'static str,
    kind: &'static str,
    text: &'static str,
}

macro_rules! assets {
    ($($path:literal $file:literal $kind:expr;)*) => {
        [$(Asset { path: $path, kind: $kind, text: include_str!(concat!("page/", $file)) }),*]
    };
}

const ASSETS: &[Asset] = &assets! {
    "/" "index.html" HTML;
    "/page.css" "page.css" CSS;
    "/message.css" "message.css" CSS;
    "/controls.css" "controls.css" CSS;
    "/api.js" "api.js" JS;
    "/app.js" "app.js" JS;
    "/attachment.js" "attachment.js" JS;
    "/code.js" "code.js" JS;
    "/component.js" "component.js" JS;
    "/composer.js" "composer.js" JS;
    "/dom.js" "dom.js" JS;
    "/embed.js" "embed.js" JS;
    "/events.js" "events.js" JS;
    "/interactions.js" "interactions.js" JS;
    "/line.js" "line.js" JS;
    "/log.js" "log.js" JS;
    "/markdown.js" "markdown.js" JS;
    "/menu.js" "menu.js" JS;
    "/message.js" "message.js" JS;
    "/modal.js" "modal.js" JS;
    "/notice.js" "notice.js" JS;
    "/playground.js" "playground.js" JS;
    "/popup.js" "popup.js" JS;
    "/side.js" "side.js" JS;
    "/state.js" "state.js" JS;
    "/suggest.js" "suggest.js" JS;
    "/text.js" "text.js" JS;
    "/theme.js" "theme.js" JS;
    "/time.js" "time.js" JS;
};

/// Serves the page: `/`, its style sheets and its modules. Merge it with the router of the person API.
pub fn router() -> Router {
    ASSETS.iter().fold(Router::new(), |router, asset| {
        router.route(asset.path, get(|| async { answer(asset) }))
    })
}

fn answer(asset: &'static Asset) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, asset.kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-cache"), // a rebuilt playground must not run yesterday's modules
    ];
    (headers, asset.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_that_is_imported_is_served() {
        let import = regex::Regex::new(r#"from "\.(/[a-z]+\.js)""#).unwrap();
        let source = regex::Regex::new(r#"(?:src|href)="(/[^"]+)""#).unwrap();
        for asset in ASSETS {
            for found in import
                .captures_iter(asset.text)
                .chain(source.captures_iter(asset.text))
            {
                assert!(
                    ASSETS.iter().any(|one| one.path == &found[1]),
                    "{} asks for {}",
                    asset.path,
                    &found[1]
                );
            }
        }
    }

    #[test]
    fn text_is_never_parsed_as_html_and_nothing_comes_from_elsewhere() {
        let forbidden = [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "cdn.",
        ];
        for asset in ASSETS {
            for word in forbidden {
                assert!(!asset.text.contains(word), "{} contains {word}", asset.path);
            }
            assert!(asset.text.lines().count() < 300, "{} is long", asset.path);
        }
    }
}
