package io.freshet.examples.cli;

import io.freshet.client.Delivery;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code every}, {@code latest} or {@code sampled:N} with N messages a second. */
final class DeliveryOption implements ITypeConverter<Delivery> {
    private static final String SAMPLED = "sampled:";

    @Override
    public Delivery convert(String text) {
        return switch (text) {
            case "every" -> Delivery.every();
            case "latest" -> Delivery.latest();
            default -> sampled(text);
        };
    }

    private static Delivery sampled(String text) {
        if (!text.startsWith(SAMPLED)) {
            throw new TypeConversionException("'" + text + "' is not every, latest or sampled:N");
        }
        try {
            return Delivery.sampled(Integer.parseInt(text.substring(SAMPLED.length())));
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(
                    "'" + text + "' is not sampled:N with N from 1 to 1000 messages a second");
        }
    }
}
