//! Where a call comes from, and whether it came over TLS. What a proxy says of that is believed only of a proxy: any
//! browser can send the same headers.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};

use super::Office;

/// A caller's network address and the line it used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    pub address: IpAddr,
    pub over_tls: bool,
}

impl Caller {
    /// `proxies` are those on other machines that are believed; one on this machine always is.
    fn of(headers: &HeaderMap, extensions: &Extensions, proxies: &[IpAddr], speaks_tls: bool) -> Self {
        // Without a connection there is nobody to trust.
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|connected| connected.ip().to_canonical());
        let is_trusted =
            |address: IpAddr| address.is_loopback() || proxies.iter().any(|proxy| proxy.to_canonical() == address);
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

    /// What counts as one network, by which tries are limited.
    #[cfg(test)]
    fn network(&self) -> String {
        network(self.address)
    }
}

impl Office {
    /// Who calls the staff pages.
    pub(crate) fn staff_caller(&self, headers: &HeaderMap, extensions: &Extensions) -> Caller {
        Caller::of(headers, extensions, &self.proxies, self.staff_certificate.is_some())
    }

    /// Who calls the status page.
    pub(crate) fn public_caller(&self, headers: &HeaderMap, extensions: &Extensions) -> Caller {
        Caller::of(headers, extensions, &self.proxies, self.public_certificate.is_some())
    }
}

/// What counts as one network: whoever has an IPv6 address has all of its 64 bits.
pub fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

/// The 48 bits of an IPv6 address that a provider gives to one house or one company: whoever has them has 65,536 networks.
pub fn site(address: IpAddr) -> Option<String> {
    let IpAddr::V6(address) = address else { return None };
    let [a, b, c, ..] = address.segments();
    Some(format!("{a:x}:{b:x}:{c:x}"))
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
        let mut extensions = Extensions::new();
        if let Ok(address) = peer.parse::<IpAddr>() {
            extensions.insert(ConnectInfo(SocketAddr::new(address, 1)));
        }
        let found = Caller::of(&headers, &extensions, &["10.0.0.5".parse().unwrap()], false);
        (found.network(), found.over_tls)
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
        assert_eq!(caller("::ffff:10.0.0.5", &["198.51.100.7"], None).0, "198.51.100.7");
        assert_eq!(caller("::ffff:10.0.0.6", &["198.51.100.7"], None).0, "10.0.0.6");
    }

    #[test]
    fn an_ipv6_subscriber_is_one_network() {
        for address in ["2001:db8:1:2:3::4", "2001:db8:1:2:ffff::4"] {
            assert_eq!(caller(address, &[], None).0, "2001:db8:1:2");
            assert_eq!(site(address.parse().unwrap()).as_deref(), Some("2001:db8:1"));
        }
        assert_eq!(site("192.0.2.1".parse().unwrap()), None);
    }
}
