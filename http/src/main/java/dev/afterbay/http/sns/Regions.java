package dev.afterbay.http.sns;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which host serves the certificates of a region, and which name they bear (sns.md 2). The table is
 * data, because new regions appear often: {@code regions.txt} beside this class, whose head
 * explains the format. A file of the operator is read before it and the first line that fits wins,
 * so it only needs the lines that differ.
 */
public final class Regions {
  private static final String BUILT_IN = "regions.txt";

  /** In order; the first that fits an ARN decides. */
  private final List<Line> lines;

  private Regions(List<Line> lines) {
    this.lines = lines;
  }

  /** The table that comes with the program. */
  public static Regions builtIn() {
    try (InputStream table =
            Objects.requireNonNull(Regions.class.getResourceAsStream(BUILT_IN), BUILT_IN);
        BufferedReader text =
            new BufferedReader(new InputStreamReader(table, StandardCharsets.UTF_8))) {
      return new Regions(read(text.lines(), BUILT_IN));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The built-in table, overridden by a file of the same format.
   *
   * @throws IllegalArgumentException if a line of the file is wrong, naming file and line
   * @throws IOException if the file cannot be read
   */
  public static Regions overriddenBy(Path file) throws IOException {
    List<Line> lines = new ArrayList<>();
    try (Stream<String> text = Files.lines(file, StandardCharsets.UTF_8)) {
      lines.addAll(read(text, file.toString()));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    lines.addAll(builtIn().lines);
    return new Regions(List.copyOf(lines));
  }

  /**
   * @throws IllegalArgumentException if the partition is not in the table
   */
  Location locate(TopicArn arn) {
    return lines.stream()
        .filter(line -> line.fits(arn))
        .findFirst()
        .map(line -> line.locate(arn.region()))
        .orElseThrow(() ->
            new IllegalArgumentException(
                "nothing is known of the partition of "
                    + arn.text()
                    + ": add a line for it to sns.regions_file"));
  }

  private static List<Line> read(Stream<String> text, String file) {
    List<Line> lines = new ArrayList<>();
    int number = 0;
    for (String line : (Iterable<String>) text::iterator) {
      number++;
      String content = line.strip();
      if (!content.isEmpty() && !content.startsWith("#")) {
        lines.add(Line.parse(content, file + " line " + number));
      }
    }
    return List.copyOf(lines);
  }

  /** Where the certificates of one region come from, and the names of which each bears one. */
  record Location(String host, Set<String> certificateNames) {}

  /** One line; {@code region} may end in a star, names may contain {region} and {suffix}. */
  private record Line(String partition, String region, String suffix, List<String> names) {
    private static final Pattern PARTITION = Pattern.compile("[a-z-]{1,32}");
    private static final Pattern REGION = Pattern.compile("[a-z0-9-]{0,64}\\*?");
    private static final Pattern SUFFIX = Pattern.compile("[a-z0-9.-]{1,128}");
    private static final Pattern NAME = Pattern.compile("[a-z0-9.{}-]{1,253}");

    static Line parse(String content, String where) {
      String[] words = content.split("\\s+");
      if (words.length < 4
          || !PARTITION.matcher(words[0]).matches()
          || !REGION.matcher(words[1]).matches()
          || !SUFFIX.matcher(words[2]).matches()) {
        throw new IllegalArgumentException(
            where + ": give partition, region, suffix and certificate names, not: " + content);
      }
      List<String> names = List.of(words).subList(3, words.length);
      for (String name : names) {
        if (!NAME.matcher(name).matches()) {
          throw new IllegalArgumentException(where + ": not a certificate name: " + name);
        }
      }
      return new Line(words[0], words[1], words[2], names);
    }

    boolean fits(TopicArn arn) {
      return partition.equals(arn.partition())
          && (region.endsWith("*")
              ? arn.region().startsWith(region.substring(0, region.length() - 1))
              : region.equals(arn.region()));
    }

    Location locate(String of) {
      Set<String> expected = new LinkedHashSet<>();
      for (String name : names) {
        expected.add(name.replace("{region}", of).replace("{suffix}", suffix));
      }
      return new Location("sns." + of + "." + suffix, Set.copyOf(expected));
    }
  }
}
