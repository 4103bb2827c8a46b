package dev.afterbay.server;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.util.List;

/** The objects of our own that an object works with: no values, and nothing of other people's. */
final class Collaborators {
  static final int MAX = 8;

  private Collaborators() {}

  /** Fields of the class that hold a collaborator; none of a record, which is a value itself. */
  static List<String> of(JavaClass type) {
    if (isValue(type)) {
      return List.of();
    }
    return type.getFields().stream()
        .filter(field -> !field.getModifiers().contains(JavaModifier.STATIC))
        .filter(field -> !field.getModifiers().contains(JavaModifier.SYNTHETIC))
        .map(JavaField::getRawType)
        .filter(of -> of.getPackageName().startsWith("dev.afterbay") && !isValue(of))
        .map(JavaClass::getSimpleName)
        .sorted()
        .toList();
  }

  /** A record, an enum, or a sealed type of them. */
  private static boolean isValue(JavaClass type) {
    return type.isRecord() || type.isEnum() || (type.isInterface() && type.reflect().isSealed());
  }
}
