package io.freshet.examples.demo;

/**
 * How big a demo is.
 *
 * @param channelCount channels, over which speakers and listeners are spread evenly
 * @param messagesPerSecond of all speakers together
 * @param seed of what is said and when
 */
public record DemoOptions(int speakerCount, int listenerCount, int channelCount, double messagesPerSecond, long seed) {
    public DemoOptions {
        atLeastOne("speakers", speakerCount);
        atLeastOne("listeners", listenerCount);
        atLeastOne("channels", channelCount);
        if (!(messagesPerSecond > 0 && messagesPerSecond <= 1e7)) {
            throw new IllegalArgumentException("rate is " + messagesPerSecond + ", it must be above 0 and at most 1e7");
        }
        if (channelCount > Math.min(speakerCount, listenerCount)) {
            throw new IllegalArgumentException(
                    "channels is " + channelCount + ", more than there are speakers or listeners");
        }
    }

    private static void atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + ", it must be at least 1");
        }
    }

    /** Name of the channel that speaker or listener {@code index} is in. */
    String channelName(int index) {
        return "demo-" + (1 + index % channelCount);
    }
}
