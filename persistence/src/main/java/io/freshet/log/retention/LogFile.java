package io.freshet.log.retention;

/**
 * A part of a log that goes whole or stays.
 *
 * @param endPosition every document in it lies before this position, every later one does not
 * @param lengthBytes what it takes on the device
 * @param endTimeMs no record in it was stamped after this time, in milliseconds since 1970; {@link Long#MAX_VALUE} when it
 *     is not to go by its age yet
 */
public record LogFile(long endPosition, long lengthBytes, long endTimeMs) {}
