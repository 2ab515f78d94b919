use ceo_commands::cluster::View;

fn client(view: &View) {
    let _ = view.client();
    let _ = view.patch();
}

fn main() {}
