//! The CronJob controller: Jobs at times of the wall clock, in UTC.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};
use serde_json::{Value, json};

use super::Cx;
use super::meta::{deleting, is_true, name, namespace, owner_reference, text, uid};
use crate::kube::events::{Report, Source};
use crate::kube::key::Key;

const SOURCE: Source = Source::Controller("cronjob-controller");

/// One look at one CronJob.
pub(super) fn reconcile(cx: &mut Cx, key: &Key) -> Option<Duration> {
    let cron = cx.store.get_shared(key).filter(|cron| !deleting(cron))?;
    let jobs = cx.index.owned(&cx.store, uid(&cron), "jobs");
    let finished = |job: &Arc<Value>| is_true(job, "Complete") || is_true(job, "Failed");
    let active: Vec<&Arc<Value>> = jobs.iter().filter(|job| !finished(job)).collect();
    tidy(cx, &cron, &jobs);
    write_active(cx, key, &jobs, &active);
    if cron["spec"]["suspend"] == true {
        return None;
    }
    let schedule = Schedule::parse(text(&cron, "/spec/schedule"))?;
    let told = cron["status"]["lastScheduleTime"]
        .as_str()
        .or_else(|| cron["metadata"]["creationTimestamp"].as_str())?;
    let last: Timestamp = told.parse().ok()?;
    let now = Timestamp::now();
    let due = schedule.after(last)?;
    if due > now {
        return Some(Duration::from_millis(
            u64::try_from((due - now).total(jiff::Unit::Millisecond).ok()? as i64).ok()? + 1,
        ));
    }
    // Of several missed times only the latest counts.
    let mut due = due;
    while let Some(next) = schedule.after(due).filter(|next| *next <= now) {
        due = next;
    }
    start(cx, key, &cron, &active, due);
    Some(Duration::from_millis(10))
}

fn start(cx: &mut Cx, key: &Key, cron: &Value, active: &[&Arc<Value>], due: Timestamp) {
    let told = due.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    if !active.is_empty() {
        match cron["spec"]["concurrencyPolicy"].as_str().unwrap_or("Allow") {
            "Forbid" => {
                // Gone meanwhile: nothing to schedule.
                let _ = cx
                    .store
                    .update_shared(key, |cron| cron["status"]["lastScheduleTime"] = json!(told));
                return;
            }
            "Replace" => active.iter().for_each(|job| {
                cx.store.delete(&job_key(job));
            }),
            _ => {}
        }
    }
    let template = &cron["spec"]["jobTemplate"];
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {
            "annotations": {"batch.kubernetes.io/cronjob-scheduled-timestamp": told},
            "labels": template["metadata"]["labels"], "name": format!("{}-{}", name(cron), due.as_second() / 60),
            "namespace": namespace(cron), "ownerReferences": [owner_reference(cron)],
        },
        "spec": template["spec"], "status": {},
    });
    let created = cx.store.create(&job_key(&job), job);
    // Gone meanwhile: nothing to schedule.
    let _ = cx
        .store
        .update_shared(key, |cron| cron["status"]["lastScheduleTime"] = json!(told));
    if let Ok(job) = created {
        let message = format!("Created job {}", name(&job));
        cx.events
            .record(&SOURCE, Report::normal(cron, "SuccessfulCreate", message));
    }
    cx.catch_up();
}

fn job_key(job: &Value) -> Key {
    Key::namespaced("batch", "jobs", namespace(job), name(job))
}

/// Deletes finished Jobs beyond the history limits, the oldest first.
fn tidy(cx: &mut Cx, cron: &Value, jobs: &[Arc<Value>]) {
    for (condition, field, default) in [
        ("Complete", "successfulJobsHistoryLimit", 3),
        ("Failed", "failedJobsHistoryLimit", 1),
    ] {
        let limit = cron["spec"][field].as_u64().unwrap_or(default);
        let mut done: Vec<&Arc<Value>> = jobs.iter().filter(|job| is_true(job, condition)).collect();
        done.sort_by_key(|job| text(job, "/metadata/creationTimestamp").to_owned());
        let excess = done
            .len()
            .saturating_sub(usize::try_from(limit).unwrap_or(usize::MAX));
        for job in done.into_iter().take(excess) {
            cx.store.delete(&job_key(job));
        }
    }
    cx.catch_up();
}

fn write_active(cx: &mut Cx, key: &Key, jobs: &[Arc<Value>], active: &[&Arc<Value>]) {
    let references: Vec<Value> = active
        .iter()
        .map(|job| {
            json!({"apiVersion": "batch/v1", "kind": "Job", "name": name(job), "namespace": namespace(job),
                   "resourceVersion": job["metadata"]["resourceVersion"], "uid": uid(job)})
        })
        .collect();
    let succeeded = jobs
        .iter()
        .filter_map(|job| job["status"]["completionTime"].as_str())
        .max();
    // Gone meanwhile: nothing to tell.
    let _ = cx.store.update_shared(key, |cron| {
        if !cron["status"].is_object() {
            cron["status"] = json!({});
        }
        let Some(status) = cron["status"].as_object_mut() else {
            return;
        };
        if references.is_empty() {
            status.remove("active");
        } else {
            status.insert("active".into(), json!(references));
        }
        if let Some(time) = succeeded {
            status.insert("lastSuccessfulTime".into(), json!(time));
        }
    });
}

/// The five fields of a cron line, as sets of allowed values.
struct Schedule {
    minutes: Vec<i8>,
    hours: Vec<i8>,
    days: Vec<i8>,
    months: Vec<i8>,
    weekdays: Vec<i8>,
    any_day: bool,
    any_weekday: bool,
}

impl Schedule {
    fn parse(line: &str) -> Option<Schedule> {
        let line = match line {
            "@hourly" => "0 * * * *",
            "@daily" | "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            other => other,
        };
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else {
            return None;
        };
        Some(Schedule {
            minutes: values(minutes, 0, 59)?,
            hours: values(hours, 0, 23)?,
            days: values(days, 1, 31)?,
            months: values(months, 1, 12)?,
            weekdays: values(weekdays, 0, 7)?,
            any_day: *days == "*",
            any_weekday: *weekdays == "*",
        })
    }

    /// The first time after `last`; `None` if there is none within four years.
    fn after(&self, last: Timestamp) -> Option<Timestamp> {
        let mut time = last.to_zoned(TimeZone::UTC).datetime();
        time = civil::date(time.year(), time.month(), time.day()).at(time.hour(), time.minute(), 0, 0);
        let end = time.saturating_add(SignedDuration::from_hours(24 * 1461));
        time = time.saturating_add(SignedDuration::from_mins(1));
        while time < end {
            if !self.months.contains(&time.month()) || !self.day_fits(time) {
                let midnight = time.date().at(0, 0, 0, 0);
                time = midnight.saturating_add(SignedDuration::from_hours(24));
            } else if !self.hours.contains(&time.hour()) {
                let hour = time.date().at(time.hour(), 0, 0, 0);
                time = hour.saturating_add(SignedDuration::from_hours(1));
            } else if !self.minutes.contains(&time.minute()) {
                time = time.saturating_add(SignedDuration::from_mins(1));
            } else {
                return time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
            }
        }
        None
    }

    fn day_fits(&self, time: civil::DateTime) -> bool {
        let weekday = time.weekday().to_sunday_zero_offset();
        let day = self.days.contains(&time.day());
        let weekday = self.weekdays.contains(&weekday) || (weekday == 0 && self.weekdays.contains(&7));
        // As in every cron: when both are given, either will do.
        if self.any_day || self.any_weekday {
            day && weekday
        } else {
            day || weekday
        }
    }
}

fn values(field: &str, least: i8, most: i8) -> Option<Vec<i8>> {
    let mut all = Vec::new();
    for part in field.split(',') {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let step: usize = step.parse().ok().filter(|step| *step > 0)?;
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
            None if range == "*" => (least, most),
            None => {
                let one: i8 = range.parse().ok()?;
                (one, if part.contains('/') { most } else { one })
            }
        };
        if from < least || to > most {
            return None;
        }
        all.extend((from..=to).step_by(step));
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(line: &str, last: &str) -> String {
        let last: Timestamp = last.parse().unwrap();
        Schedule::parse(line).unwrap().after(last).unwrap().to_string()
    }

    #[test]
    fn times() {
        assert_eq!(next("0 3 * * *", "2026-11-22T20:01:37Z"), "2026-11-23T03:00:00Z");
        assert_eq!(
            next("*/15 * * * *", "2026-11-22T20:01:37Z"),
            "2026-11-22T20:15:00Z"
        );
        assert_eq!(next("0 0 1 1 *", "2026-11-22T20:01:37Z"), "2027-01-01T00:00:00Z");
        assert_eq!(
            next("30 6 * * 1-5", "2026-11-20T20:00:00Z"),
            "2026-11-23T06:30:00Z"
        );
        assert!(Schedule::parse("0 25 * * *").is_none());
    }
}
