//! The gateway: sessions that outlive their connections, events numbered and kept for a resume, and the connections
//! themselves (`connection`).

mod connection;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

pub(super) use connection::accept_loop;

use super::faults::GatewayFault;

/// Intent: guilds, roles, channels, threads.
pub const GUILDS: u64 = 1;
/// Intent: messages in the guild.
pub const GUILD_MESSAGES: u64 = 1 << 9;
/// Intents that need a review: members, presences, message content.
pub const PRIVILEGED: u64 = (1 << 1) | (1 << 8) | (1 << 15);
/// No intent is needed.
pub const ALWAYS: u64 = 0;

/// How many events a session keeps for a resume.
const KEPT: usize = 1_000;

/// What a connection is told to do.
#[derive(Debug, Clone)]
pub(super) enum Order {
    /// Send this frame.
    Frame(Arc<Value>),
    /// Misbehave.
    Fault(GatewayFault),
}

/// A gateway session.
#[derive(Debug)]
pub struct Session {
    /// The id by which it is resumed.
    pub id: String,
    /// The newest sequence number.
    pub seq: u64,
    /// What the bot wants to hear.
    pub intents: u64,
    /// Whether the bot takes compressed frames.
    pub compress: bool,
    kept: VecDeque<(u64, Arc<Value>)>,
    connection: Option<u64>,
    lost_ms: Option<i64>,
}

/// All sessions and connections.
#[derive(Debug, Default)]
pub struct Sessions {
    sessions: Vec<Session>,
    connections: HashMap<u64, UnboundedSender<Order>>,
    last_connection: u64,
    identifies: Vec<i64>,
    resumes: u64,
}

impl Sessions {
    /// Whether a bot is connected and identified.
    pub fn is_online(&self) -> bool {
        self.sessions.iter().any(|session| session.connection.is_some())
    }

    /// How often a bot has identified itself.
    pub fn identifies(&self) -> usize {
        self.identifies.len()
    }

    /// How often a session was resumed.
    pub fn resumes(&self) -> u64 {
        self.resumes
    }

    /// Sends an event to every session that wants it; disconnected ones get it when they resume. Returns to how many.
    pub fn dispatch(&mut self, intent: u64, name: &str, data: &Value) -> usize {
        let mut reached = 0;
        for session in &mut self.sessions {
            if intent != ALWAYS && session.intents & intent == 0 {
                continue;
            }
            session.seq += 1;
            let frame = Arc::new(json!({"op": 0, "t": name, "s": session.seq, "d": data}));
            session.kept.push_back((session.seq, Arc::clone(&frame)));
            if session.kept.len() > KEPT {
                session.kept.pop_front();
            }
            reached += 1;
            if let Some(sender) = session.connection.and_then(|id| self.connections.get(&id)) {
                // A closed connection is noticed by its own task; the event stays for the resume.
                let _ = sender.send(Order::Frame(frame));
            }
        }
        reached
    }

    /// Makes every open connection misbehave. Returns how many there were.
    pub fn fault(&mut self, fault: GatewayFault) -> usize {
        self.connections
            .values()
            .filter(|sender| sender.send(Order::Fault(fault)).is_ok())
            .count()
    }

    /// Forgets every session: none can be resumed.
    pub fn invalidate(&mut self) {
        self.sessions.clear();
    }

    fn open(&mut self, orders: UnboundedSender<Order>) -> u64 {
        self.last_connection += 1;
        self.connections.insert(self.last_connection, orders);
        self.last_connection
    }

    fn close(&mut self, connection: u64, now: i64, session_ends: bool) {
        self.connections.remove(&connection);
        if session_ends {
            self.sessions
                .retain(|session| session.connection != Some(connection));
        }
        for session in self
            .sessions
            .iter_mut()
            .filter(|session| session.connection == Some(connection))
        {
            session.connection = None;
            session.lost_ms = Some(now);
        }
    }

    fn forget_lost(&mut self, before_ms: i64) {
        self.sessions
            .retain(|session| session.lost_ms.is_none_or(|lost| lost >= before_ms));
    }

    /// Whether another IDENTIFY would be the second within `every` milliseconds.
    fn identifies_too_often(&self, now: i64, every: i64) -> bool {
        self.identifies
            .last()
            .is_some_and(|last| now - last < every - 100)
    }

    fn start(&mut self, session: Session, now: i64) {
        self.identifies.push(now);
        self.sessions.push(session);
    }

    /// Continues a session after `seq` on a new connection: what was missed, or `None` when it cannot be resumed.
    fn resume(&mut self, id: &str, seq: u64, connection: u64) -> Option<Vec<Arc<Value>>> {
        let session = self.sessions.iter_mut().find(|session| session.id == id)?;
        let oldest = session
            .kept
            .front()
            .map_or(session.seq + 1, |(number, _)| *number);
        if seq > session.seq || seq + 1 < oldest {
            return None;
        }
        session.connection = Some(connection);
        session.lost_ms = None;
        self.resumes += 1;
        let missed = session.kept.iter().filter(|(number, _)| *number > seq);
        let mut frames: Vec<Arc<Value>> = missed.map(|(_, frame)| Arc::clone(frame)).collect();
        session.seq += 1;
        let resumed = Arc::new(json!({"op": 0, "t": "RESUMED", "s": session.seq, "d": {"_trace": []}}));
        session.kept.push_back((session.seq, Arc::clone(&resumed)));
        frames.push(resumed);
        Some(frames)
    }

    fn compresses(&self, connection: u64) -> bool {
        self.sessions
            .iter()
            .any(|session| session.connection == Some(connection) && session.compress)
    }
}
