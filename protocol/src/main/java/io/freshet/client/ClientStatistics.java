package io.freshet.client;

/**
 * Counts since the client was made.
 *
 * @param connections how often the server has welcomed this client
 * @param recordsReceived records handed to handlers
 * @param publishesRejected publishes failed at once because the bound of unanswered ones was reached
 * @param publishesRepeated publishes sent again after a lost connection or a refusal
 * @param unexpectedAnswers receipts and answers that matched nothing under way
 * @param protocolFailures connections ended because the server broke the protocol
 * @param callbackFailures exceptions thrown by handlers and listeners
 * @param pushesReceived what services have told by themselves
 * @param pushesSkipped of these, what nobody handles or what is not a message of its type
 */
public record ClientStatistics(
        long connections,
        long recordsReceived,
        long publishesRejected,
        long publishesRepeated,
        long unexpectedAnswers,
        long protocolFailures,
        long callbackFailures,
        long pushesReceived,
        long pushesSkipped) {}
