package io.freshet.engine.delivery;

import com.google.protobuf.ByteString;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.PostView;
import java.util.List;

/**
 * A page that was read.
 *
 * @param records whole RECORD frames, ascending
 * @param gaps holes among them
 * @param nextSequence where the next page starts, or 0 at the end
 * @param views what has become of its posts, ascending; none when that was not asked
 * @param viewsUpTo the last sequence whose event is in them; 0 when that was not asked
 * @param followedLength bytes of records that were read for its views alone
 */
public record PageResult(
        ByteString records,
        List<Gap> gaps,
        long nextSequence,
        List<PostView> views,
        long viewsUpTo,
        int followedLength) {
    /** A page without views. */
    public static PageResult plain(ByteString records, List<Gap> gaps, long nextSequence) {
        return new PageResult(records, gaps, nextSequence, List.of(), 0, 0);
    }
}
