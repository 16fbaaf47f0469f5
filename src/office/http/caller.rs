//! Where a call comes from, and whether it came over TLS. What a proxy says of that is believed only of a proxy: any
//! browser can send the same headers.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};

use crate::office::Office;

/// A caller's network address and the line it used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    pub address: IpAddr,
    pub over_tls: bool,
}

impl Caller {
    pub fn of(headers: &HeaderMap, extensions: &Extensions, office: &Office) -> Self {
        // Without a connection there is nobody to trust.
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|connected| connected.ip().to_canonical());
        let is_trusted = |address: IpAddr| address.is_loopback() || office.staff_proxies.contains(&address);
        Self::behind(peer, headers, is_trusted, office.staff_tls.is_some())
    }

    fn behind(
        peer: Option<IpAddr>,
        headers: &HeaderMap,
        is_trusted: impl Fn(IpAddr) -> bool,
        speaks_tls: bool,
    ) -> Self {
        let address = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        if !peer.is_some_and(&is_trusted) {
            return Self { address, over_tls: speaks_tls };
        }
        let texts = |name: &str| -> Vec<String> {
            let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
            values.flat_map(|value| value.split(',')).map(|part| part.trim().to_owned()).collect()
        };
        // The last entry is the trusted proxy's own; whatever stands before an address that isn't a proxy was sent by it.
        let forwarded = texts("x-forwarded-for");
        let addresses =
            forwarded.iter().rev().map_while(|text| text.parse::<IpAddr>().ok()).map(|ip| ip.to_canonical());
        let mut nearest = address;
        for forwarded in addresses {
            nearest = forwarded;
            if !is_trusted(forwarded) {
                break;
            }
        }
        let over_tls = speaks_tls || texts("x-forwarded-proto").last().is_some_and(|scheme| scheme == "https");
        Self { address: nearest, over_tls }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn caller(peer: &str, forwarded: &[&'static str], scheme: Option<&'static str>) -> (String, bool) {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(value));
        }
        if let Some(scheme) = scheme {
            headers.append("x-forwarded-proto", HeaderValue::from_static(scheme));
        }
        let proxy: IpAddr = "10.0.0.5".parse().unwrap();
        let is_trusted = |address: IpAddr| address.is_loopback() || address == proxy;
        let found = Caller::behind(peer.parse().ok(), &headers, is_trusted, false);
        (found.address.to_string(), found.over_tls)
    }

    #[test]
    fn only_a_proxy_is_believed() {
        let said = |peer, forwarded: &[&'static str]| caller(peer, forwarded, Some("https"));
        assert_eq!(said("127.0.0.1", &["198.51.100.7"]), ("198.51.100.7".into(), true));
        assert_eq!(said("10.0.0.5", &["198.51.100.7"]), ("198.51.100.7".into(), true));
        assert_eq!(said("198.51.100.9", &["198.51.100.7"]), ("198.51.100.9".into(), false), "no proxy");
        // What the browser had sent stands before what the proxy added.
        assert_eq!(said("127.0.0.1", &["203.0.113.1, 198.51.100.7"]), ("198.51.100.7".into(), true));
        assert_eq!(said("127.0.0.1", &["203.0.113.1", "198.51.100.7, 10.0.0.5"]), ("198.51.100.7".into(), true));
        assert_eq!(said("127.0.0.1", &["203.0.113.1, nonsense"]), ("127.0.0.1".into(), true));
        assert_eq!(caller("127.0.0.1", &[], None), ("127.0.0.1".into(), false));
        assert_eq!(caller("127.0.0.1", &[], Some("https, http")), ("127.0.0.1".into(), false));
        assert_eq!(caller("", &["198.51.100.7"], Some("https")), ("0.0.0.0".into(), false));
    }
}
