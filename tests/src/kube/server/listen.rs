//! Accepting connections, and cutting them.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::{Api, dispatch};

/// How long a client may take for the TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Serves until it is dropped. While the server is down, connections are reset.
pub(crate) async fn serve(listener: TcpListener, acceptor: TlsAcceptor, api: Arc<Api>) {
    let mut down = api.faults.watch_down();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                if *down.borrow_and_update() {
                    reset(&stream);
                    continue;
                }
                connections.spawn(connection(stream, acceptor.clone(), api.clone()));
            }
            changed = down.changed() => {
                if changed.is_ok() && *down.borrow_and_update() {
                    connections.abort_all();
                }
            }
            Some(_) = connections.join_next() => (),
        }
    }
}

/// Has the kernel answer with RST instead of a polite end.
fn reset(stream: &TcpStream) {
    // If it cannot be set the connection is closed politely, which a client takes for the same failure.
    let _ = stream.set_zero_linger();
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, api: Arc<Api>) {
    // Without it each small watch event would wait for the acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await else {
        return;
    };
    let cut = CancellationToken::new();
    let service = service_fn(|request: http::Request<Incoming>| {
        let (api, cut) = (api.clone(), cut.clone());
        async move { Ok::<_, Infallible>(dispatch::handle(api, request.map(Body::new), cut).await) }
    });
    let builder = auto::Builder::new(TokioExecutor::new());
    let serving = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    tokio::select! {
        // A client that goes away in the middle is no concern of the server.
        _ = serving => (),
        () = cut.cancelled() => (),
    }
}
