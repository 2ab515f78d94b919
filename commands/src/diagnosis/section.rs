//! Where the team's own manual speaks of a problem.

use crate::{
    incident::Problem,
    manual::find,
    model::Text,
    ports::manual::{Manual, all_sections},
    texts::runbook as say,
};

/// The best section about a problem, by its heading. `None` where there is no manual, where it cannot be read, or where no
/// section has one of the words.
pub async fn section_about(manual: &dyn Manual, problem: Problem) -> Option<Text> {
    if !manual.is_there() {
        return None;
    }
    let files = manual.files().await.ok()?;
    let all = all_sections(&files);
    let best = *find(&all, problem.sought()).first()?;
    Some(say::section(best.path.last()?, &best.file))
}

#[cfg(test)]
mod tests {
    use futures::future::BoxFuture;

    use super::*;
    use crate::ports::manual::{ManualFile, NoManual};

    struct Of(&'static str);

    impl Manual for Of {
        fn is_there(&self) -> bool {
            true
        }

        fn files(&self) -> BoxFuture<'_, Result<Vec<ManualFile>, Text>> {
            let file = ManualFile {
                name: "ops.md".to_owned(),
                markdown: self.0.to_owned(),
            };
            Box::pin(std::future::ready(Ok(vec![file])))
        }
    }

    #[tokio::test]
    async fn a_section_is_named_only_where_the_manual_has_one() {
        let manual =
            Of("# 手册\n\n## Pod 无法启动\n\n`CrashLoopBackOff`\n\n- 镜像拉取失败\n\n## 备份\n\n每日\n");
        let about = async |problem| section_about(&manual, problem).await.map(|text| text.plain());
        for problem in [Problem::CrashLoopBackOff, Problem::ImagePull] {
            assert_eq!(about(problem).await.as_deref(), Some("Pod 无法启动 (ops.md)"));
        }
        assert_eq!(about(Problem::NodeNotReady).await, None);
        assert_eq!(section_about(&NoManual, Problem::CrashLoopBackOff).await, None);
        assert_eq!(
            section_about(&Of("nothing of it"), Problem::CrashLoopBackOff).await,
            None
        );
    }
}
