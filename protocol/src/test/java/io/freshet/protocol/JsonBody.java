package io.freshet.protocol;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;

/** Reads a body in the JSON of the test vectors: that of Protobuf, but with bytes as hexadecimal. */
final class JsonBody {
    private final String text;
    private int at;

    private JsonBody(String text) {
        this.text = text;
    }

    /** Sets what {@code json} says in {@code builder}. */
    static void merge(String json, Message.Builder builder) {
        JsonBody body = new JsonBody(json);
        body.message(builder);
        if (body.at != json.length()) {
            throw body.unexpected();
        }
    }

    private void message(Message.Builder builder) {
        expect('{');
        while (peek() != '}') {
            String name = string();
            expect(':');
            FieldDescriptor field = builder.getDescriptorForType().findFieldByName(name);
            if (field == null) {
                throw new IllegalArgumentException("no field " + name + " in " + text);
            }
            if (field.isRepeated()) {
                repeated(builder, field);
            } else {
                builder.setField(field, value(builder, field));
            }
            if (peek() == ',') {
                expect(',');
            }
        }
        expect('}');
    }

    private void repeated(Message.Builder builder, FieldDescriptor field) {
        expect('[');
        while (peek() != ']') {
            builder.addRepeatedField(field, value(builder, field));
            if (peek() == ',') {
                expect(',');
            }
        }
        expect(']');
    }

    private Object value(Message.Builder builder, FieldDescriptor field) {
        return switch (field.getType()) {
            case MESSAGE -> {
                Message.Builder inner = builder.newBuilderForField(field);
                message(inner);
                yield inner.build();
            }
            case FIXED64, UINT64 -> Long.parseUnsignedLong(string());
            case FIXED32, UINT32 -> Integer.parseUnsignedInt(word());
            case BOOL -> Boolean.parseBoolean(word());
            case BYTES -> Hex.parse(string());
            case ENUM -> enumeration(field.getEnumType());
            case STRING -> string();
            default -> throw new IllegalArgumentException("a field of type " + field.getType());
        };
    }

    private Object enumeration(EnumDescriptor type) {
        return peek() == '"'
                ? type.findValueByName(string())
                : type.findValueByNumberCreatingIfUnknown(Integer.parseInt(word()));
    }

    private String string() {
        expect('"');
        StringBuilder out = new StringBuilder();
        for (char c = text.charAt(at++); c != '"'; c = text.charAt(at++)) {
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char escaped = text.charAt(at++);
            switch (escaped) {
                case 'n' -> out.append('\n');
                case 'u' -> {
                    out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                    at += 4;
                }
                default -> out.append(escaped);
            }
        }
        return out.toString();
    }

    private String word() {
        peek();
        int start = at;
        while (Character.isLetterOrDigit(text.charAt(at))) {
            at++;
        }
        return text.substring(start, at);
    }

    private char peek() {
        while (text.charAt(at) == ' ') {
            at++;
        }
        return text.charAt(at);
    }

    private void expect(char c) {
        if (peek() != c) {
            throw unexpected();
        }
        at++;
    }

    private IllegalArgumentException unexpected() {
        return new IllegalArgumentException("not understood at " + at + ": " + text);
    }
}
