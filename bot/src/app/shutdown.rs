//! The signals of the operating system.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What the operating system asks for.
pub(super) enum OsSignal {
    /// To stop.
    Stop,
    /// To read the kubeconfigs again.
    Reload,
}

/// SIGTERM and SIGINT ask to stop, SIGHUP to read the kubeconfigs again.
pub(super) struct OsSignals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl OsSignals {
    /// Listens from now on; what came before is lost.
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Until the process is asked to stop, once more.
    pub(super) async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Until the process is asked for something.
    pub(super) async fn next(&mut self) -> OsSignal {
        tokio::select! {
            _ = self.terminate.recv() => OsSignal::Stop,
            _ = self.interrupt.recv() => OsSignal::Stop,
            _ = self.hangup.recv() => OsSignal::Reload,
        }
    }
}
