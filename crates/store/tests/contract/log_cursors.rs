//! Cursors of log streams: moved by the node whose stream it is, and by no other.

use crate::contract;
use crate::world::*;
use policy::model::*;
use store::log_cursors::{self, Cursor, Holder};

contract! {
    async fn only_the_holder_of_a_stream_moves_its_cursor(world: World) {
        let tenant = world.tenant;
        let nodes = [NodeId::new(NOW, seed()), NodeId::new(NOW, seed())];
        let advance = |node: usize, now: Timestamp, position: u64| world.write(move |tx| Box::pin(async move {
            let holder = Holder { lease: "log:siem", node: nodes[node], now, until: now.plus(Span::seconds(30)) };
            let to = Cursor { position, moment: NOW };
            log_cursors::advance(tx, &holder, tenant, ("siem", "audit"), to).await
        }));
        let find = || world.read(move |tx| Box::pin(log_cursors::find(tx, tenant, "siem", "audit")));
        assert_eq!(find().await, None);
        assert!(advance(0, NOW, 7).await);
        assert!(!advance(1, NOW.plus(Span::seconds(29)), 9).await);
        assert_eq!(find().await.map(|cursor| cursor.position), Some(7));
        assert!(advance(1, NOW.plus(Span::seconds(30)), 8).await);
        assert!(!advance(0, NOW.plus(Span::seconds(31)), 99).await, "it was asleep");
        assert_eq!(find().await.map(|cursor| cursor.position), Some(8));
    }
}
