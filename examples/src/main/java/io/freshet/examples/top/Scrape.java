package io.freshet.examples.top;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** The numbers that a server told at one moment, read from Prometheus' text format. Immutable. */
public final class Scrape {
    private final Map<String, List<Sample>> families = new LinkedHashMap<>();

    /** One line of the text. */
    record Sample(Map<String, String> labels, double value) {}

    private Scrape() {}

    /**
     * Reads a whole answer.
     *
     * @throws IllegalArgumentException when it is not of that format
     */
    public static Scrape parse(String text) {
        Scrape scrape = new Scrape();
        text.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).forEach(scrape::add);
        return scrape;
    }

    private void add(String line) {
        int brace = line.indexOf('{');
        int space = line.indexOf(' ');
        boolean hasLabels = brace >= 0 && brace < space;
        String name = line.substring(0, hasLabels ? brace : Math.max(space, 0));
        Map<String, String> labels = new TreeMap<>();
        int at = hasLabels ? readLabels(line, brace + 1, labels) : space;
        String[] rest = line.substring(Math.max(at, 0)).strip().split(" ", -1);
        if (name.isEmpty()) {
            throw malformed(line);
        }
        families.computeIfAbsent(name, key -> new ArrayList<>()).add(new Sample(labels, number(rest[0], line)));
    }

    /** Reads labels from here to the brace that ends them; returns what is behind it. */
    private static int readLabels(String line, int start, Map<String, String> labels) {
        int at = start;
        while (at < line.length() && line.charAt(at) != '}') {
            int equals = line.indexOf("=\"", at);
            if (equals < 0) {
                throw malformed(line);
            }
            StringBuilder value = new StringBuilder();
            int end = equals + 2;
            while (end < line.length() && line.charAt(end) != '"') {
                if (line.charAt(end) == '\\' && end + 1 < line.length()) {
                    end++;
                    value.append(line.charAt(end) == 'n' ? '\n' : line.charAt(end));
                } else {
                    value.append(line.charAt(end));
                }
                end++;
            }
            labels.put(line.substring(at, equals), value.toString());
            at = end + 1;
            if (at < line.length() && line.charAt(at) == ',') {
                at++;
            }
        }
        return at + 1;
    }

    private static double number(String text, String line) {
        try {
            return switch (text) {
                case "+Inf" -> Double.POSITIVE_INFINITY;
                case "-Inf" -> Double.NEGATIVE_INFINITY;
                default -> Double.parseDouble(text);
            };
        } catch (NumberFormatException e) {
            throw malformed(line);
        }
    }

    private static IllegalArgumentException malformed(String line) {
        return new IllegalArgumentException("not a line of metrics: " + line);
    }

    /** Whether anything of this name was told. */
    public boolean has(String name) {
        return families.containsKey(name);
    }

    /** The sum of everything of this name; 0 when there is nothing. */
    double sum(String name) {
        return sum(name, Map.of());
    }

    /** The sum of everything of this name that has these labels among others. */
    double sum(String name, Map<String, String> labels) {
        double sum = 0;
        for (Sample sample : samples(name)) {
            if (sample.labels.entrySet().containsAll(labels.entrySet())) {
                sum += sample.value;
            }
        }
        return sum;
    }

    /** The greatest of everything of this name; 0 when there is nothing. */
    double greatest(String name, Map<String, String> labels) {
        double greatest = 0;
        for (Sample sample : samples(name)) {
            if (sample.labels.entrySet().containsAll(labels.entrySet())) {
                greatest = Math.max(greatest, sample.value);
            }
        }
        return greatest;
    }

    /** The values of a label, in order. */
    List<String> values(String name, String label) {
        TreeSet<String> values = new TreeSet<>();
        for (Sample sample : samples(name)) {
            String value = sample.labels.get(label);
            if (value != null) {
                values.add(value);
            }
        }
        return List.copyOf(values);
    }

    /** A histogram's counts by the limits of its buckets, cumulative; of all that have these labels together. */
    NavigableMap<Double, Double> buckets(String name, Map<String, String> labels) {
        TreeMap<Double, Double> buckets = new TreeMap<>();
        for (Sample sample : samples(name + "_bucket")) {
            String limit = sample.labels.get("le");
            if (limit != null && sample.labels.entrySet().containsAll(labels.entrySet())) {
                buckets.merge(number(limit, name), sample.value, Double::sum);
            }
        }
        return buckets;
    }

    private List<Sample> samples(String name) {
        return families.getOrDefault(name, List.of());
    }
}
