//! How long a certificate is good.

use crate::model::Timestamp;

/// When the first certificate of a PEM text ends: that of the server itself.
#[must_use]
pub fn pem_ends(pem: &[u8]) -> Option<Timestamp> {
    let (_, pem) = x509_parser::pem::parse_x509_pem(pem).ok()?;
    der_ends(&pem.contents)
}

/// When a certificate ends, as it is shown in a TLS handshake (DER).
#[must_use]
pub fn der_ends(der: &[u8]) -> Option<Timestamp> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
    Timestamp::from_second(certificate.validity().not_after.timestamp()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_has_no_end() {
        for text in [
            "",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "nonsense",
        ] {
            assert_eq!(pem_ends(text.as_bytes()), None, "{text}");
        }
    }
}
