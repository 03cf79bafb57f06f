//! A connected stream, plain or TLS, that acknowledges quickly.
//!
//! Some servers leave Nagle's algorithm on, and then a delayed acknowledgement of ours costs 40 ms and more an answer; Linux forgets
//! the wish for quick ones, so it is renewed before each read (`mail-engineering.md`, Latency).

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::pin::Pin;
use std::task::{Context, Poll};

use rustls::{ClientConnection, StreamOwned};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A blocking connection.
pub(crate) enum Wire {
    /// Plain text.
    Plain(TcpStream),
    /// TLS.
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Wire {
    /// The socket below.
    pub(crate) fn socket(&self) -> &TcpStream {
        match self {
            Wire::Plain(tcp) => tcp,
            Wire::Tls(tls) => &tls.sock,
        }
    }
}

impl Read for Wire {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        acknowledge_quickly(socket2::SockRef::from(self.socket()));
        match self {
            Wire::Plain(tcp) => tcp.read(into),
            Wire::Tls(tls) => tls.read(into),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        match self {
            Wire::Plain(tcp) => tcp.write(from),
            Wire::Tls(tls) => tls.write(from),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Wire::Plain(tcp) => tcp.flush(),
            Wire::Tls(tls) => tls.flush(),
        }
    }
}

/// A connection on tokio. `ahead` is read before the stream: the greeting that was taken off it before TLS.
pub(crate) struct AsyncWire {
    stream: Stream,
    ahead: Vec<u8>,
}

enum Stream {
    Plain(tokio::net::TcpStream),
    Tls(Box<tokio_rustls::client::TlsStream<tokio::net::TcpStream>>),
}

impl AsyncWire {
    /// A plain one.
    pub(crate) fn plain(tcp: tokio::net::TcpStream) -> AsyncWire {
        AsyncWire { stream: Stream::Plain(tcp), ahead: Vec::new() }
    }

    /// A TLS one, with what is to be read before it.
    pub(crate) fn tls(tls: tokio_rustls::client::TlsStream<tokio::net::TcpStream>, mut ahead: Vec<u8>) -> AsyncWire {
        ahead.reverse();
        AsyncWire { stream: Stream::Tls(Box::new(tls)), ahead }
    }

    fn socket(&self) -> &tokio::net::TcpStream {
        match &self.stream {
            Stream::Plain(tcp) => tcp,
            Stream::Tls(tls) => tls.get_ref().0,
        }
    }
}

impl std::fmt::Debug for AsyncWire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AsyncWire")
    }
}

impl lettre::transport::smtp::client::AsyncTokioStream for AsyncWire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket().peer_addr()
    }
}

impl AsyncRead for AsyncWire {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            while into.remaining() > 0 {
                let Some(byte) = self.ahead.pop() else { break };
                into.put_slice(&[byte]);
            }
            return Poll::Ready(Ok(()));
        }
        acknowledge_quickly(socket2::SockRef::from(self.socket()));
        match &mut self.stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_read(context, into),
            Stream::Tls(tls) => Pin::new(tls.as_mut()).poll_read(context, into),
        }
    }
}

impl AsyncWrite for AsyncWire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_write(context, from),
            Stream::Tls(tls) => Pin::new(tls.as_mut()).poll_write(context, from),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_flush(context),
            Stream::Tls(tls) => Pin::new(tls.as_mut()).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_shutdown(context),
            Stream::Tls(tls) => Pin::new(tls.as_mut()).poll_shutdown(context),
        }
    }
}

/// Failing at it costs time, not correctness.
#[cfg(target_os = "linux")]
fn acknowledge_quickly(socket: socket2::SockRef<'_>) {
    socket.set_tcp_quickack(true).ok();
}

#[cfg(not(target_os = "linux"))]
fn acknowledge_quickly(_socket: socket2::SockRef<'_>) {}
