//! A certificate for `discord.com` and its CDN, signed by an authority that only this simulation has.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// The names for which the server speaks.
const NAMES: [&str; 3] = ["discord.com", "cdn.discordapp.com", "media.discordapp.net"];

/// The authority's certificate, and the server's with its key, all PEM.
pub(super) struct Identity {
    pub(super) ca: String,
    certificate: String,
    key: String,
}

impl Identity {
    /// The identity kept in `dir`, or a new one (kept there when `dir` is given).
    pub(super) fn load_or_make(dir: Option<&Path>) -> anyhow::Result<Self> {
        let Some(dir) = dir else { return Self::make() };
        let paths = ["ca.pem", "discord.pem", "discord.key"].map(|name| dir.join(name));
        if paths.iter().all(|path| path.exists()) {
            let [ca, certificate, key] = paths;
            let read = |path| std::fs::read_to_string(path);
            return Ok(Identity {
                ca: read(ca)?,
                certificate: read(certificate)?,
                key: read(key)?,
            });
        }
        let made = Self::make()?;
        std::fs::create_dir_all(dir).context("state directory")?;
        for (path, text) in paths.iter().zip([&made.ca, &made.certificate, &made.key]) {
            std::fs::write(path, text).with_context(|| format!("{}", path.display()))?;
        }
        Ok(made)
    }

    fn make() -> anyhow::Result<Self> {
        let mut authority = CertificateParams::new(Vec::<String>::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        authority
            .distinguished_name
            .push(DnType::CommonName, "simulated Discord");
        let authority_key = KeyPair::generate()?;
        let ca = authority.self_signed(&authority_key)?.pem();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate()?;
        let names: Vec<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, NAMES[0]);
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &issuer)?.pem();
        Ok(Identity {
            ca,
            certificate,
            key: key.serialize_pem(),
        })
    }

    /// Takes TLS connections with this identity, HTTP/2 where the client speaks it, as Discord does.
    pub(super) fn acceptor(&self) -> anyhow::Result<TlsAcceptor> {
        let chain =
            CertificateDer::pem_slice_iter(self.certificate.as_bytes()).collect::<Result<Vec<_>, _>>()?;
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}
