package io.freshet.engine.delivery;

import com.google.protobuf.ByteString;
import io.freshet.protocol.v1.Gap;
import java.util.List;

/**
 * A page that was read.
 *
 * @param records whole RECORD frames, ascending
 * @param gaps holes among them
 * @param nextSequence where the next page starts, or 0 at the end
 */
public record PageResult(ByteString records, List<Gap> gaps, long nextSequence) {}
