//! The two ends of the control socket, over real sockets.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::cli::{incidents, show};

fn show(reference: &str) -> Inquiry {
    Inquiry::Show(show::Arguments { reference: reference.into(), json: true })
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// Asks as a caller does, from a thread that may block.
async fn asked(store: &Path, runtime: &Path, inquiry: Inquiry) -> Result<Option<Output>, Failure> {
    let (store, runtime) = (store.to_path_buf(), runtime.to_path_buf());
    tokio::task::spawn_blocking(move || ask_at(&store, &runtime, &inquiry)).await.unwrap()
}

#[test]
fn an_answer_comes_back_whole() {
    for deep in [0, 12] {
        let kept = tempfile::tempdir().unwrap();
        let root = kept.path().to_path_buf();
        let store = root.join("a-rather-long-name".to_owned() + &"/and-another-one".repeat(deep));
        std::fs::create_dir_all(&store).unwrap();
        runtime().block_on(async {
            for runtime in [None, Some(root.as_path())] {
                let mut server = Server::bind(&store, runtime).unwrap();
                let mode = std::fs::metadata(server.path()).unwrap().permissions().mode();
                assert_eq!(mode & 0o777, 0o600);
                let caller = tokio::spawn({
                    let (store, root) = (store.clone(), root.clone());
                    async move { asked(&store, &root, show("SI-2026-0001")).await }
                });
                let (asked, reply) = server.next().await.begin();
                assert_eq!(asked.inquiry, show("SI-2026-0001"));
                let output = Output {
                    stdout: vec![b'x'; 300_000],
                    stderr: b"a word".to_vec(),
                    files: vec![("a.docx".into(), vec![0, 255, 10]), ("b/c.csv".into(), Vec::new())],
                    code: 1,
                };
                reply.send(output.clone());
                assert_eq!(caller.await.unwrap().unwrap(), Some(output));
                let path = server.path().to_path_buf();
                drop(server);
                assert!(!path.exists());
            }
        });
        std::fs::remove_dir_all(&root).unwrap();
    }
}

#[test]
fn nobody_listening_is_no_failure() {
    let kept = tempfile::tempdir().unwrap();
    let root = kept.path().to_path_buf();
    let inquiry = Inquiry::Incidents(incidents::Arguments::default());
    assert_eq!(ask_at(&root.join("store"), &root, &inquiry).unwrap(), None);
    assert_eq!(ask_at(&root, &root, &inquiry).unwrap(), None);
    // A socket that a killed daemon left.
    drop(std::os::unix::net::UnixListener::bind(in_store(&root)).unwrap());
    assert!(in_store(&root).exists());
    assert_eq!(ask_at(&root, &root, &inquiry).unwrap(), None);
    runtime().block_on(async { drop(Server::bind(&root, None).unwrap()) });
    std::fs::remove_dir_all(&root).unwrap();
}

#[test]
fn a_busy_daemon_is_waited_for_and_then_named() {
    let (caller, _daemon) = UnixStream::pair().unwrap();
    let failure = converse(caller, &show("SI-2026-0001"), Duration::from_millis(20)).unwrap_err();
    assert!(matches!(failure, Failure::Busy), "{failure}");
    assert!(failure.to_string().contains("within 10 s"), "{failure}");
}

#[test]
fn a_daemon_that_stops_says_so() {
    let kept = tempfile::tempdir().unwrap();
    let root = kept.path().to_path_buf();
    runtime().block_on(async {
        let mut server = Server::bind(&root, None).unwrap();
        let caller = tokio::spawn({
            let root = root.clone();
            async move { asked(&root, &root, show("SI-2026-0001")).await }
        });
        drop(server.next().await);
        let output = caller.await.unwrap().unwrap().unwrap();
        assert_eq!(output.code, 1);
        assert!(String::from_utf8_lossy(&output.stderr).contains("the daemon is stopping"));
    });
    std::fs::remove_dir_all(&root).unwrap();
}

#[test]
fn whatever_comes_in_is_survived() {
    use std::io::{Read, Write};
    let kept = tempfile::tempdir().unwrap();
    let root = kept.path().to_path_buf();
    runtime().block_on(async {
        let mut server = Server::bind(&root, None).unwrap();
        let path = server.path().to_path_buf();
        let noise: Vec<&[u8]> =
            vec![b"", b"\0\0", b"\xff\xff\xff\xff{}", b"\0\0\0\x02{}", b"\0\0\0\x05hello", b"\0\0\0\x0512"];
        let heard = tokio::task::spawn_blocking(move || {
            let say = |noise: &[u8]| {
                let mut caller = connect(&path).unwrap();
                caller.write_all(noise).unwrap();
                caller.shutdown(std::net::Shutdown::Write).unwrap();
                let mut heard = Vec::new();
                caller.read_to_end(&mut heard).ok();
                String::from_utf8_lossy(&heard).into_owned()
            };
            noise.into_iter().map(say).collect::<Vec<_>>()
        });
        let heard = heard.await.unwrap();
        assert!(heard[3].contains("another version"), "{heard:?}");
        let caller = tokio::spawn({
            let root = root.clone();
            async move { asked(&root, &root, show("SI-2026-0002")).await }
        });
        server.next().await.begin().1.send(Output::text("still here"));
        assert_eq!(caller.await.unwrap().unwrap(), Some(Output::text("still here")));
    });
    std::fs::remove_dir_all(&root).unwrap();
}

#[test]
fn announced_lengths_are_not_believed() {
    let head = br#"{"code":0,"stdout_bytes":900000000,"stderr_bytes":0,"files":[]}"#;
    let mut frame = u32::try_from(head.len()).unwrap().to_be_bytes().to_vec();
    frame.extend_from_slice(head);
    frame.extend_from_slice(b"short");
    assert!(matches!(read_answer(&mut frame.as_slice()), Err(Failure::Talk(_))));
    assert!(matches!(read_answer(&mut &b"\xff\xff\xff\xff"[..]), Err(Failure::Language)));
}

#[test]
fn our_own_user_is_known() {
    let kept = tempfile::tempdir().unwrap();
    let folder = kept.path().to_path_buf();
    assert_eq!(std::fs::metadata(&folder).unwrap().uid(), own_user());
    std::fs::remove_dir_all(&folder).unwrap();
}
