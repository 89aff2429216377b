package io.freshet.engine.notice;

import io.freshet.engine.service.Caller;
import io.freshet.engine.service.Service;
import io.freshet.engine.service.ServiceHost;
import io.freshet.engine.service.Services;
import io.freshet.log.Storage;
import io.freshet.protocol.v1.InboxState;
import io.freshet.protocol.v1.ReadInbox;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The service {@code freshet.v1.Inbox}: what holds in a user's inbox, though the records that said it have expired. Services' thread. */
public final class InboxService {
    /** Marks and settings of one answer; with the longest settings that is half of what an answer may be. */
    static final int COUNT = 100;

    private final InboxReader inboxes;

    private InboxService(InboxReader inboxes) {
        this.inboxes = inboxes;
    }

    /** Offers it; while the engine starts, after its indexes were brought up to date. */
    public static void offer(Services services, ServiceHost host, Storage storage) {
        InboxReader inboxes = new InboxReader(storage);
        host.onEnd(inboxes::close);
        InboxService service = new InboxService(inboxes);
        services.own(Service.named("freshet.v1.Inbox")
                .method("Read", ReadInbox.parser(), service::read)
                .build());
    }

    private CompletionStage<InboxState> read(Caller caller, ReadInbox request) {
        return CompletableFuture.completedFuture(
                inboxes.inbox(caller.principal().id()).saidAfter(request.getAfter(), COUNT));
    }
}
