//! What the playground's Prometheus has measured: figures that move, a service that is mostly well, and one limit that is
//! broken now and then, so that there is something to find.

use serde_json::json;

use crate::prometheus::{PrometheusSim, Reply, Series};

/// Starts it.
///
/// # Errors
/// When there is no port.
pub(super) async fn start() -> anyhow::Result<PrometheusSim> {
    let sim = PrometheusSim::start().await?;
    let of = |part: &str, figure: fn(f64) -> f64| {
        let series = Series::new(json!({}), move |at| Some(figure(at)));
        sim.answers(part, Reply::Series(vec![series]));
    };
    of("container_cpu_usage", |at| 46.0 + 9.0 * swing(at));
    of("container_memory", |at| 61.0 + 3.0 * swing(at / 3.0));
    of("kubelet_volume", |at| {
        71.0 + (at / 86_400.0).rem_euclid(7.0) / 2.0
    });
    of("http_requests_total", |at| {
        0.02 + 0.015 * swing(at).abs() + if is_bad(at) { 0.6 } else { 0.0 }
    });
    of("sum(rate(http_requests_total{namespace=\"ceoagent\"}", |at| {
        118.0 + 30.0 * swing(at)
    });
    of("100 * (sum", |at| {
        0.02 + 0.015 * swing(at).abs() + if is_bad(at) { 0.6 } else { 0.0 }
    });
    of("100 - (", |at| {
        99.98 - 0.015 * swing(at).abs() - if is_bad(at) { 0.6 } else { 0.0 }
    });
    of("histogram_quantile", |at| {
        230.0 + 60.0 * swing(at) + if is_bad(at) { 410.0 } else { 0.0 }
    });
    of("decisions_total", |at| 4.2 + swing(at));
    let pods = ["api-x7k2p", "api-m4q8s", "worker-9tz5c"].into_iter().zip(1_u8..);
    let up = pods.map(|(pod, n)| {
        let labels = json!({"__name__": "process_open_fds", "namespace": "ceoagent", "pod": pod});
        Series::new(labels, move |at| {
            Some((40.0 * f64::from(n) + 6.0 * swing(at + f64::from(n) * 500.0)).round())
        })
    });
    sim.answers("process_open_fds", Reply::Series(up.collect()));
    // As the manual has it: admin/admin.
    sim.grafana(200, "{\"id\":1,\"login\":\"admin\"}");
    Ok(sim)
}

/// Up and down, never quite the same.
fn swing(at: f64) -> f64 {
    (at / 540.0).sin() * 0.6 + (at / 171.0).sin() * 0.3 + (at / 47.0).sin() * 0.1
}

/// Some minutes of each hour and a half.
fn is_bad(at: f64) -> bool {
    (at / 60.0).rem_euclid(90.0) < 4.0
}
