package io.popsight.trainer.evaluate;

import io.popsight.imaging.Disturbance;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What a command line calls a disturbance that leaves boxes where they are. */
final class DisturbanceName implements ITypeConverter<Disturbance> {

  private static final List<Disturbance> KNOWN =
      Arrays.stream(Disturbance.values()).filter(Disturbance::keepsBoxes).toList();

  static String of(Disturbance disturbance) {
    return disturbance.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Disturbance convert(String text) {
    return KNOWN.stream()
        .filter(disturbance -> of(disturbance).equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "want %s, got '%s'"
                        .formatted(
                            KNOWN.stream()
                                .map(DisturbanceName::of)
                                .collect(Collectors.joining(", ")),
                            text)));
  }
}
