//! Interrupting work: the first signal asks it to stop, the second ends it at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use tokio::runtime::{Builder, Runtime};

/// SIGINT, as from Ctrl-C.
const INTERRUPT: u8 = 2;

/// The wish to stop, and which signal brought it.
pub(super) struct Interrupt {
    wish: AtomicBool,
    signal: AtomicU8,
}

impl Interrupt {
    /// Listens to signals from now on, on a thread of its own.
    ///
    /// # Errors
    /// When the system lets no signal be listened to.
    pub(super) fn watched() -> io::Result<Arc<Self>> {
        let interrupt = Self { wish: AtomicBool::new(false), signal: AtomicU8::new(INTERRUPT) };
        let interrupt = Arc::new(interrupt);
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let mut signals = Signals::new(&runtime)?;
        let noted = Arc::clone(&interrupt);
        std::thread::spawn(move || {
            runtime.block_on(async {
                loop {
                    noted.note(signals.next().await);
                }
            });
        });
        Ok(interrupt)
    }

    /// Set once a signal asks to stop.
    pub(super) fn wish(&self) -> &AtomicBool {
        &self.wish
    }

    /// The number of the signal that asked.
    pub(super) fn signal(&self) -> u8 {
        self.signal.load(Ordering::Relaxed)
    }

    fn note(&self, signal: u8) {
        self.signal.store(signal, Ordering::Relaxed);
        if self.wish.swap(true, Ordering::Relaxed) {
            std::process::exit((128 + signal).into());
        }
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new(runtime: &Runtime) -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let _entered = runtime.enter();
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> u8 {
        const TERMINATE: u8 = 15;
        tokio::select! {
            _ = self.interrupt.recv() => INTERRUPT,
            _ = self.terminate.recv() => TERMINATE,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new(_: &Runtime) -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> u8 {
        // Where Ctrl-C cannot be listened to, it ends the process by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        INTERRUPT
    }
}
