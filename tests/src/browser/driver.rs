//! The `chromedriver` process and one session of it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The longest that one command of the driver may take; starting a browser on a busy machine is the slowest.
const PATIENCE: Duration = Duration::from_secs(60);

/// Chromium without a screen, as root, and without the services that it would start on its own.
const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--lang=en-US",
    "--window-size=1280,900",
];

/// A session of a browser. Dropping it ends the browser and its driver.
pub struct Driver {
    http: reqwest::Client,
    address: SocketAddr,
    session: String,
    process: Child,
    _profile: TempDir,
}

impl Driver {
    /// Where `chromedriver` is: `$CHROMEDRIVER`, or the first in `$PATH`.
    pub fn installed() -> Option<PathBuf> {
        if let Some(named) = std::env::var_os("CHROMEDRIVER") {
            return Some(PathBuf::from(named)).filter(|path| path.is_file());
        }
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path)
            .map(|dir| dir.join("chromedriver"))
            .find(|file| file.is_file())
    }

    /// Starts the driver on a port of its own choosing and a browser with a new profile.
    ///
    /// # Errors
    /// When there is no driver, or it or the browser does not start within a minute.
    pub async fn start() -> anyhow::Result<Driver> {
        // reqwest is built without a provider of its own; a second one in the process would make rustls panic
        let _ = rustls::crypto::ring::default_provider().install_default();
        let program = Driver::installed().context("chromedriver is not installed")?;
        let profile = tempfile::tempdir()?;
        let mut process = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("chromedriver does not start")?;
        let port = tokio::time::timeout(PATIENCE, port(&mut process))
            .await
            .context("chromedriver tells no port")??;
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut driver = Driver {
            http,
            address,
            session: String::new(),
            process,
            _profile: profile,
        };
        let profile = format!("--user-data-dir={}", driver._profile.path().display());
        let args: Vec<&str> = FLAGS.iter().copied().chain([profile.as_str()]).collect();
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": { "args": args },
        } } });
        let made = driver
            .send("POST", "/session", &wanted)
            .await
            .context("the browser does not start")?;
        driver.session = made["sessionId"]
            .as_str()
            .context("a session without an id")?
            .to_owned();
        Ok(driver)
    }

    /// A command of the session: `path` is what follows `/session/{id}`.
    ///
    /// # Errors
    /// What the driver answers when it could not do it.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send("POST", &format!("/session/{}{path}", self.session), body)
            .await
    }

    /// A question to the session.
    ///
    /// # Errors
    /// What the driver answers when it could not tell.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.send("GET", &format!("/session/{}{path}", self.session), &Value::Null)
            .await
    }

    async fn send(&self, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        let url = format!("http://{}{path}", self.address);
        let request = if method == "GET" {
            self.http.get(url)
        } else {
            self.http.post(url).json(body)
        };
        let mut answer: Value = request.send().await?.json().await?;
        let value = answer["value"].take();
        if let Some(error) = value.get("error").and_then(Value::as_str) {
            let message = value["message"].as_str().unwrap_or_default();
            bail!(
                "{method} {path}: {error}: {}",
                message.lines().next().unwrap_or_default()
            );
        }
        Ok(value)
    }
}

/// The port that the driver chose, from its first lines of output.
async fn port(process: &mut Child) -> anyhow::Result<u16> {
    let output = process.stdout.take().context("no output")?;
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some((_, rest)) = line.split_once("successfully on port ") {
            let port = rest.trim_end_matches('.').parse()?;
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} }); // a full pipe would stop it
            return Ok(port);
        }
    }
    bail!("chromedriver ended without a word")
}

impl Drop for Driver {
    /// Ends the browser by the driver: killing the driver alone would leave the browser behind. Blocking and short,
    /// because a test that panicked has no runtime to wait on.
    fn drop(&mut self) {
        let farewell = || -> std::io::Result<()> {
            let mut socket = TcpStream::connect_timeout(&self.address, Duration::from_secs(2))?;
            socket.set_read_timeout(Some(Duration::from_secs(10)))?;
            let (session, address) = (&self.session, self.address);
            write!(
                socket,
                "DELETE /session/{session} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
            )?;
            socket.read(&mut [0; 64]).map(|_| ())
        };
        if let Err(error) = farewell() {
            eprintln!("the browser may still run: {error}");
        }
        let _ = self.process.start_kill();
    }
}
