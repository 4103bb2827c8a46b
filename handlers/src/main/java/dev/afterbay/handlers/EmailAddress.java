package dev.afterbay.handlers;

import java.net.IDN;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A mailbox: {@code ada@example.com} or {@code Ada Lovelace <ada@example.com>}. Nothing in it can
 * end a line or a command, so it is safe in a header and in the dialogue with a server.
 *
 * @param name to show; null: none
 * @param given the address as it was written, without the name
 * @param address as servers want it: the domain in ASCII and lower case
 */
record EmailAddress(@Nullable String name, String given, String address) {

  /** RFC 5321, 4.5.3.1.1. */
  private static final int LOCAL_BYTES_MAX = 64;

  /** RFC 5321, 4.5.3.1.3, without the angle brackets. */
  private static final int ADDRESS_BYTES_MAX = 254;

  private static final int NAME_CHARS_MAX = 200;

  /** Of all that is given, so that no pattern and no encoding works on more. */
  private static final int CHARS_MAX = 1_000;

  /** RFC 5322, 3.2.3: a dot-atom; any letter beyond ASCII with RFC 6532. */
  private static final Pattern LOCAL =
      Pattern.compile(
          "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\x{a1}-\\x{10ffff}-]+"
              + "(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\x{a1}-\\x{10ffff}-]+)*");

  private static final Pattern DOMAIN =
      Pattern.compile(
          "(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
              + "(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");

  /** What the IDNA of 2003, which the JDK has, maps to other letters than that of 2008. */
  private static final Pattern DEVIATING = Pattern.compile("[\u00df\u1e9e\u03c2\u200c\u200d]");

  /**
   * @throws IllegalArgumentException if it is anything else; says why
   */
  static EmailAddress parse(String text) {
    check(
        text.length() <= CHARS_MAX,
        "must be at most 1000 characters, and is " + text.length() + ": " + shown(text));
    checkPlain(text);
    String plain = text.strip();
    int open = plain.lastIndexOf('<');
    boolean named = open >= 0 && plain.indexOf('>', open) == plain.length() - 1;
    return named
        ? of(name(plain.substring(0, open).strip()), plain.substring(open + 1, plain.length() - 1))
        : of(null, plain);
  }

  private static EmailAddress of(@Nullable String name, String text) {
    String given = text.strip();
    int at = given.lastIndexOf('@');
    String local = at < 0 ? "" : given.substring(0, at);
    check(
        LOCAL.matcher(local).matches()
            && local.codePoints().allMatch(EmailAddress::isVisible)
            && length(local) <= LOCAL_BYTES_MAX,
        "must be an address such as ada@example.com or Ada <ada@example.com>: " + shown(given));
    String address = local + "@" + domain(given.substring(at + 1));
    check(length(address) <= ADDRESS_BYTES_MAX, "must be at most 254 bytes: " + shown(given));
    check(length(given) <= ADDRESS_BYTES_MAX, "must be at most 254 bytes: " + shown(given));
    return new EmailAddress(name, given, address);
  }

  private static String domain(String text) {
    check(
        !DEVIATING.matcher(text).find(),
        "must have its domain in ASCII (xn--...), for it can be read in two ways: " + shown(text));
    String ascii;
    try {
      ascii = IDN.toASCII(text, IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT);
    } catch (RuntimeException e) { // Its Punycode throws a bare one where a label is too long.
      throw new IllegalArgumentException("must have a valid domain: " + shown(text), e);
    }
    check(DOMAIN.matcher(ascii).matches(), "must have a valid domain: " + shown(text));
    return ascii;
  }

  private static @Nullable String name(String text) {
    boolean quoted = text.length() > 1 && text.startsWith("\"") && text.endsWith("\"");
    String name =
        quoted ? text.substring(1, text.length() - 1).replaceAll("\\\\(.)", "$1") : text.strip();
    check(name.length() <= NAME_CHARS_MAX, "must have a name of at most 200 characters");
    return name.isEmpty() ? null : name;
  }

  /** Whether a server must know SMTPUTF8 (RFC 6531) to take it. */
  boolean isUtf8() {
    return length(address) != address.length();
  }

  String domain() {
    return address.substring(address.lastIndexOf('@') + 1);
  }

  private static void checkPlain(String text) {
    check(
        text.codePoints().noneMatch(EmailAddress::isControl),
        "must not have control characters or line breaks: " + shown(text));
  }

  /** Nothing that turns the direction of writing, joins, or is a blank. */
  private static boolean isVisible(int character) {
    int type = Character.getType(character);
    return type != Character.FORMAT
        && type != Character.SPACE_SEPARATOR
        && type != Character.PRIVATE_USE
        && type != Character.UNASSIGNED;
  }

  /** Also the separators of lines and paragraphs, and halves of surrogate pairs. */
  static boolean isControl(int character) {
    int type = Character.getType(character);
    return type == Character.CONTROL
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR
        || type == Character.SURROGATE;
  }

  /** What was given, short enough for an error; {@link dev.afterbay.Outcome} makes it plain. */
  static String shown(String text) {
    return dev.afterbay.PlainText.line(text, 100);
  }

  private static int length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
