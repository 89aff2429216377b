/**
 * The embeddable engine: {@code FreshetEngine} and what is given to it.
 *
 * <pre>
 *  socket ─► FrameDecoder ─► Session ─► Shard: admit, dedupe, stamp ─► batch ─► MessageLog ─► committed ─► receipts
 *                              │            ▲                                                     └─► Feed ─► cursors ─► socket
 *                              │            └─ mailbox ═ from and to other reactors
 *   one reactor, one thread ───┴──────────────────────────────────────────────────────────────────────────────────
 *   other threads: freshet-reader (cold reads), freshet-storage (sync, prepare, index), the application's executor
 * </pre>
 */
@NullMarked
package io.freshet.engine;

import org.jspecify.annotations.NullMarked;
