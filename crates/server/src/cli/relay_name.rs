//! `keyward relay-name ID`: the host name that browsers compute from the number of a tunnel service.
//!
//! Nobody hands these names out: whoever registers one and runs a relay there has a tunnel service of their own, and browsers
//! that never heard of it find it by the number in the advert.

use anyhow::Context as _;
use hybrid::TunnelDomain;

/// Prints the host name, alone, so that a script can take it.
pub fn run(id: u16) -> anyhow::Result<()> {
    let domain = TunnelDomain::new(id).context("0 and 1 are assigned, own names begin at 256")?;
    println!("{}", domain.host());
    Ok(())
}
