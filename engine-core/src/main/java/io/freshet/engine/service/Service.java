package io.freshet.engine.service;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.freshet.protocol.ServiceName;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Methods under one name, which clients call as {@code name/method}. Immutable.
 *
 * <pre>{@code
 * engine.service(Service.named("shop.Orders")
 *         .method("Place", PlaceOrder.parser(), (caller, order) -> orders.place(caller.principal(), order))
 *         .build());
 * }</pre>
 */
public final class Service {
    private static final Duration GREATEST_TIMEOUT = Duration.ofHours(1);

    private final String name;
    private final Map<String, ServiceMethod<?, ?>> methods;

    private Service(String name, Map<String, ServiceMethod<?, ?>> methods) {
        this.name = name;
        this.methods = methods;
    }

    /** Begins a service; its name with that of each method is 127 bytes at most. */
    public static Builder named(String name) {
        return new Builder(Objects.requireNonNull(name, "name"));
    }

    /** The name, without a method. */
    public String name() {
        return name;
    }

    /** By the name of the method with that of the service. */
    Map<String, ServiceMethod<?, ?>> methods() {
        return methods;
    }

    /** Collects the methods of a service. */
    public static final class Builder {
        private final String name;
        private final Map<String, ServiceMethod<?, ?>> methods = new LinkedHashMap<>();
        private Duration timeout = Duration.ofSeconds(30);

        private Builder(String name) {
            this.name = name;
        }

        /** How long a caller of the methods that follow waits at most, then it is answered OUTCOME_UNKNOWN; 30 seconds unless told. It is looked at every few seconds. */
        public Builder timeout(Duration longest) {
            if (longest.isZero() || longest.isNegative() || longest.compareTo(GREATEST_TIMEOUT) > 0) {
                throw new IllegalArgumentException(
                        "timeout is " + longest + ", it must be above zero and at most an hour");
            }
            timeout = longest;
            return this;
        }

        /**
         * Adds a method.
         *
         * @param parser of what is asked
         * @throws IllegalArgumentException when there is one of this name, or the name is too long or has a slash
         */
        public <Q extends MessageLite, A extends MessageLite> Builder method(
                String methodName, Parser<Q> parser, Method<Q, A> method) {
            String fullName = ServiceName.checkedMethod(name + "/" + methodName);
            if (name.isEmpty() || methodName.isEmpty() || fullName.indexOf('/') != fullName.lastIndexOf('/')) {
                throw new IllegalArgumentException("not a service and a method: \"" + fullName + "\"");
            }
            ServiceMethod<Q, A> made = new ServiceMethod<>(
                    fullName,
                    Objects.requireNonNull(parser, "parser"),
                    Objects.requireNonNull(method, "method"),
                    timeout.toNanos());
            if (methods.putIfAbsent(fullName, made) != null) {
                throw new IllegalArgumentException("two methods are called " + fullName);
            }
            return this;
        }

        /**
         * The service.
         *
         * @throws IllegalArgumentException when it has no method
         */
        public Service build() {
            if (methods.isEmpty()) {
                throw new IllegalArgumentException("service " + name + " has no method");
            }
            return new Service(name, Map.copyOf(methods));
        }
    }
}
