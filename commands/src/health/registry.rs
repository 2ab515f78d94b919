//! Which registry an image comes from, and whether a login is for it, as the kubelet decides that.

/// The types of Secrets that hold logins.
pub const LOGIN: [&str; 2] = ["kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"];

/// The registry of images that name none.
const USUAL: &str = "docker.io";

/// The registry of an image: `registry.example:5000` of `registry.example:5000/shop/api:v1`.
#[must_use]
pub fn of_image(image: &str) -> &str {
    match image.split_once('/') {
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => first,
        _ => USUAL,
    }
}

/// The host that a login is for: `index.docker.io` of `https://index.docker.io/v1/`.
#[must_use]
pub fn host(login: &str) -> String {
    bare(login).split('/').next().unwrap_or_default().to_owned()
}

fn bare(login: &str) -> &str {
    let login = login.split_once("://").map_or(login, |(_, rest)| rest);
    let login = login.trim_end_matches('/');
    ["/v1", "/v2"]
        .iter()
        .find_map(|end| login.strip_suffix(end))
        .unwrap_or(login)
}

/// Whether a login is for an image: its host, of which parts may be stars, and what of a path it names.
#[must_use]
pub fn serves(login: &str, image: &str) -> bool {
    let registry = of_image(image);
    let path = image
        .strip_prefix(registry)
        .unwrap_or(image)
        .trim_start_matches('/');
    let login = bare(login);
    let (host, under) = login.split_once('/').unwrap_or((login, ""));
    let same_host = match registry {
        USUAL => matches!(host, "docker.io" | "index.docker.io" | "registry-1.docker.io"),
        registry => globs(host, registry),
    };
    same_host && path.starts_with(under)
}

fn globs(pattern: &str, host: &str) -> bool {
    let (wanted, has): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), host.split('.').collect());
    let part = |(wanted, has): (&&str, &&str)| match wanted.split_once('*') {
        Some((before, after)) => {
            has.len() >= before.len() + after.len() && has.starts_with(before) && has.ends_with(after)
        }
        None => wanted == has,
    };
    wanted.len() == has.len() && wanted.iter().zip(&has).all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_for_a_host_and_what_of_a_path_it_names() {
        for (login, image, serves_it) in [
            ("registry.example", "registry.example/shop/api:v1", true),
            (
                "https://registry.example/v2/",
                "registry.example/shop/api:v1",
                true,
            ),
            ("registry.example/shop", "registry.example/shop/api:v1", true),
            ("registry.example/other", "registry.example/shop/api:v1", false),
            ("registry.example:5000", "registry.example/shop/api:v1", false),
            ("*.example", "registry.example/api", true),
            ("*.example", "a.registry.example/api", false),
            ("https://index.docker.io/v1/", "docker.io/shop/api", true),
            ("https://index.docker.io/v1/", "shop/api", true),
            ("ghcr.io", "shop/api", false),
        ] {
            assert_eq!(serves(login, image), serves_it, "{login} {image}");
        }
        assert_eq!(of_image("localhost/api"), "localhost");
        assert_eq!(host("https://index.docker.io/v1/"), "index.docker.io");
    }
}
