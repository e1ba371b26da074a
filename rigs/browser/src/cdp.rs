//! The Chrome DevTools Protocol over one WebSocket: commands with answers, and every event kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_tungstenite::tungstenite::Message;

/// How long one command may take. The protocol answers in milliseconds; only a hung browser reaches this.
const COMMAND_DEADLINE: Duration = Duration::from_secs(30);

/// Something the browser told of its own accord.
#[derive(Debug, Clone)]
pub struct Event {
    /// For example `WebAuthn.credentialAdded`.
    pub method: String,
    /// Its parameters, as sent.
    pub parameters: Value,
    session: Option<String>,
}

/// One connection to the browser; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    outgoing: mpsc::UnboundedSender<Message>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct State {
    last_id: u64,
    waiting: HashMap<u64, oneshot::Sender<Value>>,
    events: Vec<Event>,
}

impl Connection {
    /// Connects to the browser's WebSocket address.
    pub(crate) async fn open(address: &str) -> Result<Self> {
        let (socket, _) = tokio_tungstenite::connect_async(address)
            .await
            .context("the browser's debugging port does not answer")?;
        let (mut sink, mut stream) = socket.split();
        let (outgoing, mut queue) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared::default());
        tokio::spawn(async move {
            while let Some(message) = queue.recv().await {
                if sink.send(message).await.is_err() {
                    return;
                }
            }
        });
        let readers = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                if let Message::Text(text) = message {
                    readers.take_in(&text);
                }
            }
            // Dropping the senders tells every waiting command that the browser is gone.
            readers.lock().waiting.clear();
        });
        Ok(Self { outgoing, shared })
    }

    /// Sends one command and waits for its answer.
    pub(crate) async fn command(
        &self,
        session: Option<&str>,
        method: &str,
        parameters: Value,
    ) -> Result<Value> {
        let (sender, receiver) = oneshot::channel();
        let id = {
            let mut state = self.shared.lock();
            state.last_id += 1;
            let id = state.last_id;
            state.waiting.insert(id, sender);
            id
        };
        let mut message = json!({"id": id, "method": method, "params": parameters});
        if let (Some(session), Some(fields)) = (session, message.as_object_mut()) {
            fields.insert("sessionId".to_owned(), session.into());
        }
        self.outgoing
            .send(Message::text(message.to_string()))
            .map_err(|_| anyhow!("the browser is gone"))?;
        let mut answer = tokio::time::timeout(COMMAND_DEADLINE, receiver)
            .await
            .with_context(|| format!("{method} got no answer"))?
            .with_context(|| format!("the browser went away during {method}"))?;
        if let Some(error) = answer.get("error") {
            return Err(anyhow!("{method}: {error}"));
        }
        Ok(answer
            .get_mut("result")
            .map(Value::take)
            .unwrap_or_default())
    }

    /// How many events have arrived so far: a mark for [`Self::event_since`].
    pub(crate) fn mark(&self) -> usize {
        self.shared.lock().events.len()
    }

    /// The events of one session after `mark` whose name starts with `method`.
    pub(crate) fn events_since(&self, session: &str, mark: usize, method: &str) -> Vec<Event> {
        let state = self.shared.lock();
        let fits = |event: &&Event| {
            event.session.as_deref() == Some(session) && event.method.starts_with(method)
        };
        state
            .events
            .iter()
            .skip(mark)
            .filter(fits)
            .cloned()
            .collect()
    }

    /// Waits for an event of one session after `mark`.
    pub(crate) async fn event_since(
        &self,
        session: &str,
        mark: usize,
        method: &str,
        limit: Duration,
    ) -> Result<Event> {
        let wait = async {
            loop {
                let arrived = self.shared.arrived.notified();
                if let Some(event) = self.events_since(session, mark, method).into_iter().next() {
                    return event;
                }
                arrived.await;
            }
        };
        tokio::time::timeout(limit, wait)
            .await
            .with_context(|| format!("no {method} within {limit:?}"))
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_in(&self, text: &str) {
        let Ok(mut message) = serde_json::from_str::<Value>(text) else {
            return;
        };
        let mut state = self.lock();
        if let Some(id) = message.get("id").and_then(Value::as_u64) {
            if let Some(sender) = state.waiting.remove(&id) {
                sender.send(message).ok();
            }
            return;
        }
        let word = |name: &str| message.get(name).and_then(Value::as_str).map(str::to_owned);
        let (method, session) = (word("method").unwrap_or_default(), word("sessionId"));
        let parameters = message
            .get_mut("params")
            .map(Value::take)
            .unwrap_or_default();
        state.events.push(Event {
            method,
            parameters,
            session,
        });
        drop(state);
        self.arrived.notify_waiters();
    }
}
