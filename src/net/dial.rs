//! Connects to a server by TCP, blocking or on tokio, within a given time.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::{Failure, Server};

/// Connects; each address of the host is given `within`. `TCP_NODELAY` is set, and time-outs of `within` for reads and writes.
pub(crate) fn dial(server: &Server, within: Duration) -> Result<TcpStream, Failure> {
    let found = (server.host.as_str(), server.port).to_socket_addrs().map_err(|source| unknown(server, source))?;
    let addresses: Vec<SocketAddr> = found.collect();
    server.admits(&addresses)?;
    let mut last = nowhere();
    for address in addresses {
        match TcpStream::connect_timeout(&address, within).and_then(|tcp| prepared(tcp, within)) {
            Ok(tcp) => return Ok(tcp),
            Err(error) => last = error,
        }
    }
    Err(refused(server, last))
}

/// The same on tokio; time-outs of reads and writes are the caller's.
pub(crate) async fn dial_async(server: &Server, within: Duration) -> Result<tokio::net::TcpStream, Failure> {
    let looking = tokio::net::lookup_host((server.host.as_str(), server.port));
    let found = tokio::time::timeout(within, looking).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    let addresses: Vec<SocketAddr> = found.map_err(|source| unknown(server, source))?.collect();
    server.admits(&addresses)?;
    let mut last = nowhere();
    for address in addresses {
        let connecting = tokio::net::TcpStream::connect(address);
        let done =
            tokio::time::timeout(within, connecting).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        match done.and_then(|tcp| tcp.set_nodelay(true).map(|()| tcp)) {
            Ok(tcp) => return Ok(tcp),
            Err(error) => last = error,
        }
    }
    Err(refused(server, last))
}

fn prepared(tcp: TcpStream, within: Duration) -> io::Result<TcpStream> {
    tcp.set_nodelay(true)?;
    tcp.set_read_timeout(Some(within))?;
    tcp.set_write_timeout(Some(within))?;
    Ok(tcp)
}

fn nowhere() -> io::Error {
    io::Error::new(io::ErrorKind::AddrNotAvailable, "the host has no address")
}

fn unknown(server: &Server, source: io::Error) -> Failure {
    Failure::UnknownHost { host: server.host.clone(), source }
}

fn refused(server: &Server, source: io::Error) -> Failure {
    Failure::Connect { server: server.to_string(), source }
}
