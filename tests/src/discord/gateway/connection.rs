//! One gateway connection: HELLO, IDENTIFY or RESUME, heartbeats, events, and the ways in which it ends.

use std::io::Write as _;
use std::sync::{Arc, Weak};
use std::time::Duration;

use anyhow::anyhow;
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::{GUILDS, Order, PRIVILEGED, Session};
use crate::discord::Inner;
use crate::discord::faults::GatewayFault;
use crate::discord::json as shapes;
use crate::discord::log::Offence;

/// What Discord takes in one frame from a client.
const MAX_PAYLOAD: usize = 4_096;
/// How many frames it takes in a minute.
const MAX_SENDS: usize = 120;
/// Frames larger than this are compressed when the client takes it.
const COMPRESS_FROM: usize = 512;

/// Why a connection is over.
#[derive(Debug)]
enum End {
    /// The client closed or is gone; whether its session is over too.
    Gone { session_ends: bool },
    /// Closed by us with a code, or without one; whether the session is over too.
    Close { code: Option<u16>, session_ends: bool },
    /// TCP reset.
    Reset,
}

type Socket = WebSocketStream<TcpStream>;

/// Takes gateway connections until the simulation ends.
pub(in crate::discord) async fn accept_loop(inner: Weak<Inner>, listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        let Some(inner) = inner.upgrade() else { return };
        if inner.faults.refuses_connections() {
            continue;
        }
        inner.spawn({
            let inner = Arc::downgrade(&inner);
            async move {
                if let Err(error) = serve(inner, stream).await {
                    tracing::debug!(%error, "gateway connection");
                }
            }
        });
    }
}

/// The version of the interface which a client asked for.
#[allow(
    clippy::result_large_err,
    reason = "tungstenite's callback has this signature"
)]
async fn handshake(stream: TcpStream) -> anyhow::Result<(Socket, bool)> {
    let mut version_fits = false;
    let callback = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        let query = request.uri().query().unwrap_or_default();
        version_fits = query.split('&').any(|pair| pair == "v=10") && !query.contains("encoding=etf");
        Ok(response)
    };
    let accepted = tokio_tungstenite::accept_hdr_async(stream, callback);
    let socket = tokio::time::timeout(Duration::from_secs(10), accepted).await??;
    Ok((socket, version_fits))
}

async fn serve(inner: Weak<Inner>, stream: TcpStream) -> anyhow::Result<()> {
    let (socket, version_fits) = handshake(stream).await?;
    let (orders, inbox) = unbounded_channel();
    let Some(strong) = inner.upgrade() else {
        return Ok(());
    };
    let (id, heartbeat) = {
        let mut state = strong.lock();
        (state.sessions.open(orders), state.options.heartbeat)
    };
    drop(strong);
    let mut connection = Connection {
        inner,
        id,
        socket,
        acks: true,
        identified: false,
        sends: Vec::new(),
    };
    let end = if version_fits {
        connection.run(inbox, heartbeat).await
    } else {
        Ok(End::Close {
            code: Some(4012),
            session_ends: true,
        })
    };
    connection.finish(end).await
}

struct Connection {
    inner: Weak<Inner>,
    id: u64,
    socket: Socket,
    acks: bool,
    identified: bool,
    sends: Vec<i64>,
}

impl Connection {
    fn inner(&self) -> anyhow::Result<Arc<Inner>> {
        self.inner
            .upgrade()
            .ok_or_else(|| anyhow!("the simulation is over"))
    }

    async fn run(&mut self, mut inbox: UnboundedReceiver<Order>, heartbeat: Duration) -> anyhow::Result<End> {
        let interval = u64::try_from(heartbeat.as_millis())?;
        self.send(&json!({"op": 10, "t": null, "s": null, "d": {"heartbeat_interval": interval}}))
            .await?;
        // A client that misses two heartbeats is gone.
        let patience = heartbeat * 2 + Duration::from_secs(1);
        let mut deadline = tokio::time::Instant::now() + patience;
        loop {
            tokio::select! {
                order = inbox.recv() => match order {
                    Some(Order::Frame(frame)) => self.send(&frame).await?,
                    Some(Order::Fault(fault)) => if let Some(end) = self.misbehave(fault).await? { return Ok(end) },
                    None => return Ok(End::Close { code: Some(1001), session_ends: false }),
                },
                message = self.socket.next() => {
                    deadline = tokio::time::Instant::now() + patience;
                    if let Some(end) = self.receive(message).await? { return Ok(end) }
                }
                () = tokio::time::sleep_until(deadline) => {
                    return Ok(End::Close { code: Some(4009), session_ends: false });
                }
            }
        }
    }

    async fn misbehave(&mut self, fault: GatewayFault) -> anyhow::Result<Option<End>> {
        match fault {
            GatewayFault::Reconnect => {
                self.send(&json!({"op": 7, "t": null, "s": null, "d": null}))
                    .await?
            }
            GatewayFault::InvalidSession(resumable) => {
                if !resumable {
                    self.inner()?.lock().sessions.invalidate();
                }
                self.send(&json!({"op": 9, "t": null, "s": null, "d": resumable}))
                    .await?;
            }
            GatewayFault::Close(code) => {
                // These codes say that there is nothing to resume.
                let session_ends = matches!(code, Some(4003 | 4004 | 4007 | 4009 | 4010..=4014));
                return Ok(Some(End::Close { code, session_ends }));
            }
            GatewayFault::Reset => return Ok(Some(End::Reset)),
            GatewayFault::StopAcks => self.acks = false,
        }
        Ok(None)
    }

    async fn receive(
        &mut self,
        message: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>,
    ) -> anyhow::Result<Option<End>> {
        let text = match message {
            None | Some(Err(_)) => return Ok(Some(End::Gone { session_ends: false })),
            Some(Ok(Message::Close(frame))) => {
                let code = frame.map(|frame| u16::from(frame.code));
                return Ok(Some(End::Gone {
                    session_ends: matches!(code, Some(1000 | 1001)),
                }));
            }
            Some(Ok(Message::Text(text))) => text.as_bytes().to_vec(),
            Some(Ok(Message::Binary(bytes))) => bytes.to_vec(),
            Some(Ok(_)) => return Ok(None),
        };
        let now = self.inner()?.clock.now_ms();
        self.sends.retain(|at| now - at < 60_000);
        self.sends.push(now);
        if self.sends.len() > MAX_SENDS {
            return self.offended(4008, "more than 120 frames in a minute");
        }
        if text.len() > MAX_PAYLOAD {
            return self.offended(4002, "a frame of more than 4096 bytes");
        }
        let Ok(payload) = serde_json::from_slice::<Value>(&text) else {
            return self.offended(4002, "a frame that is not JSON");
        };
        self.obey(&payload).await
    }

    fn offended(&self, code: u16, what: &str) -> anyhow::Result<Option<End>> {
        self.inner()?
            .lock()
            .log
            .offend(Offence::Gateway, format!("{what} (close {code})"));
        Ok(Some(End::Close {
            code: Some(code),
            session_ends: code != 4008,
        }))
    }

    async fn obey(&mut self, payload: &Value) -> anyhow::Result<Option<End>> {
        match payload["op"].as_u64() {
            Some(1) if self.acks => {
                self.send(&json!({"op": 11, "t": null, "s": null, "d": null}))
                    .await?;
            }
            Some(1) => {}
            Some(2) if self.identified => return self.offended(4005, "a second IDENTIFY"),
            Some(2) => return self.identify(&payload["d"]).await,
            Some(6) => return self.resume(&payload["d"]).await,
            Some(3 | 4 | 8) if self.identified => {}
            Some(3 | 4 | 8) => return self.offended(4003, "a frame before IDENTIFY"),
            _ => return self.offended(4001, "an unknown opcode"),
        }
        Ok(None)
    }

    async fn identify(&mut self, data: &Value) -> anyhow::Result<Option<End>> {
        let inner = self.inner()?;
        let now = inner.clock.now_ms();
        let intents = data["intents"].as_u64();
        let refused = {
            let state = inner.lock();
            let token = data["token"]
                .as_str()
                .unwrap_or_default()
                .trim_start_matches("Bot ");
            match intents {
                _ if token != state.bot_token => Some((4004, "IDENTIFY with a wrong token")),
                None => Some((4002, "IDENTIFY without intents")),
                Some(bits) if bits >= 1 << 26 => Some((4013, "IDENTIFY with unknown intents")),
                Some(bits) if bits & PRIVILEGED & !state.options.privileged_intents != 0 => {
                    Some((4014, "IDENTIFY with intents that are not granted"))
                }
                Some(_) => None,
            }
        };
        if let Some((code, what)) = refused {
            return self.offended(code, what);
        }
        if data["shard"]
            .as_array()
            .is_some_and(|shard| shard.len() != 2 || shard[1].as_u64() == Some(0))
        {
            return self.offended(4010, "IDENTIFY with an invalid shard");
        }
        let every = i64::try_from(inner.lock().options.identify_every.as_millis())?;
        if inner.lock().sessions.identifies_too_often(now, every) {
            self.send(&json!({"op": 9, "t": null, "s": null, "d": false}))
                .await?;
            return Ok(None);
        }
        let (ready, guild) = self.begin(&inner, data, now);
        self.identified = true;
        self.send(&ready).await?;
        self.send(&guild).await?;
        Ok(None)
    }

    /// Makes the session; READY and GUILD_CREATE are its first two events.
    fn begin(&self, inner: &Inner, data: &Value, now: i64) -> (Value, Value) {
        let mut state = inner.lock();
        let mut session = Session {
            id: state.secret(32).to_lowercase(),
            seq: 2,
            intents: data["intents"].as_u64().unwrap_or(0),
            compress: data["compress"] == true,
            kept: std::collections::VecDeque::new(),
            connection: Some(self.id),
            lost_ms: None,
        };
        let ready = json!({"op": 0, "t": "READY", "s": 1, "d": {
            "v": 10, "user": shapes::current_user(&state), "session_type": "normal", "private_channels": [],
            "guilds": [{"id": state.guild_id.to_string(), "unavailable": true}], "session_id": session.id,
            "resume_gateway_url": state.gateway_url, "shard": data.get("shard").cloned().unwrap_or(json!([0, 1])),
            "application": {"id": state.application_id.to_string(), "flags": 0}, "relationships": [], "_trace": [],
        }});
        let guild = json!({"op": 0, "t": "GUILD_CREATE", "s": 2, "d": shapes::guild_create(&state)});
        let guild = if session.intents & GUILDS != 0 {
            guild
        } else {
            json!({"op": 0, "t": "GUILD_CREATE", "s": 2, "d": {
                "id": state.guild_id.to_string(), "unavailable": true}})
        };
        session
            .kept
            .extend([(1, Arc::new(ready.clone())), (2, Arc::new(guild.clone()))]);
        state.sessions.start(session, now);
        state.events.push("bot", None, None, json!({"online": true}));
        state.touch();
        (ready, guild)
    }

    async fn resume(&mut self, data: &Value) -> anyhow::Result<Option<End>> {
        let inner = self.inner()?;
        let missed = {
            let mut state = inner.lock();
            let token = data["token"]
                .as_str()
                .unwrap_or_default()
                .trim_start_matches("Bot ");
            if token != state.bot_token {
                drop(state);
                return self.offended(4004, "RESUME with a wrong token");
            }
            let window = i64::try_from(state.options.resume_window.as_millis())?;
            let now = state.now();
            state.sessions.forget_lost(now - window);
            let id = data["session_id"].as_str().unwrap_or_default();
            let seq = data["seq"].as_u64().unwrap_or(0);
            let fails = inner.faults.take_failed_resume();
            if fails {
                None
            } else {
                state.sessions.resume(id, seq, self.id)
            }
        };
        let Some(frames) = missed else {
            self.send(&json!({"op": 9, "t": null, "s": null, "d": false}))
                .await?;
            return Ok(None);
        };
        self.identified = true;
        for frame in frames {
            self.send(&frame).await?;
        }
        let mut state = inner.lock();
        state.events.push("bot", None, None, json!({"online": true}));
        state.touch();
        Ok(None)
    }

    async fn send(&mut self, frame: &Value) -> anyhow::Result<()> {
        let text = frame.to_string();
        let compress = text.len() > COMPRESS_FROM && self.inner()?.lock().sessions.compresses(self.id);
        let message = if compress {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text.as_bytes())?;
            Message::Binary(encoder.finish()?.into())
        } else {
            Message::Text(text.into())
        };
        tokio::time::timeout(Duration::from_secs(10), self.socket.send(message)).await??;
        Ok(())
    }

    /// Ends the connection as `end` says, and its session when that is over too.
    async fn finish(mut self, end: anyhow::Result<End>) -> anyhow::Result<()> {
        let inner = self.inner()?;
        let end = end.unwrap_or(End::Gone { session_ends: false });
        let over = matches!(
            end,
            End::Gone { session_ends: true }
                | End::Close {
                    session_ends: true,
                    ..
                }
        );
        {
            let mut state = inner.lock();
            let now = state.now();
            state.sessions.close(self.id, now, over);
            if !state.sessions.is_online() {
                state.events.push("bot", None, None, json!({"online": false}));
            }
            state.touch();
        }
        match end {
            End::Reset => self.socket.get_mut().set_zero_linger()?,
            End::Close { code, .. } => {
                let frame = code.map(|code| CloseFrame {
                    code: code.into(),
                    reason: "".into(),
                });
                self.socket.close(frame).await?;
                // The client answers the close frame; only then the socket goes.
                let drain = async { while let Some(Ok(_)) = self.socket.next().await {} };
                let _ = tokio::time::timeout(Duration::from_secs(30), drain).await;
            }
            End::Gone { .. } => {
                let _ = tokio::time::timeout(Duration::from_secs(1), self.socket.close(None)).await;
            }
        }
        Ok(())
    }
}
