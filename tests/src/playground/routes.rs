//! The page's server: the person API, the page, and what the playground adds.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};

use super::World;
use super::{hints, menu::MENU};
use crate::discord::{page, person_api};

/// Everything that a browser may ask for. The checks of `Host` and `Origin` cover all of it: another site must not
/// press a button of the menu either.
pub(super) fn router(world: Arc<World>) -> Router {
    let discord = world.discord.clone();
    let added = Router::new()
        .route("/api/menu", get(entries))
        .route("/api/menu/{id}", post(choose))
        .route("/api/hints", get(advice))
        .with_state(world)
        .merge(page::router())
        .layer(from_fn_with_state(discord.clone(), person_api::same_origin));
    person_api::router(discord).merge(added)
}

async fn entries() -> Json<Value> {
    let entries = MENU.iter().map(
        |one| json!({ "id": one.id, "group": one.group, "label": one.label, "description": one.description }),
    );
    Json(entries.collect())
}

async fn choose(State(world): State<Arc<World>>, Path(id): Path<String>) -> (StatusCode, Json<Value>) {
    let Some(entry) = MENU.iter().find(|one| one.id == id) else {
        return (
            StatusCode::NOT_FOUND,
            Json(json!({ "error": "there is nothing of that name to break" })),
        );
    };
    match (entry.act)(world).await {
        Ok(said) => (StatusCode::OK, Json(json!({ "said": said }))),
        Err(error) => (
            StatusCode::CONFLICT,
            Json(json!({ "error": format!("{error:#}") })),
        ),
    }
}

async fn advice(State(world): State<Arc<World>>) -> Json<Value> {
    Json(hints::answer(&world.discord.commands()))
}
