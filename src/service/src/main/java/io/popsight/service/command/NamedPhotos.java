package io.popsight.service.command;

import io.popsight.imaging.PhotoFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The photos that a command line names, those of a folder one by one.
 *
 * @param files as they are told to a person
 */
record NamedPhotos(List<String> files) {

  private static final String DRAWING = "-boxes.jpg";

  /**
   * Looks for them.
   *
   * @param told of what a folder has besides
   * @throws IllegalArgumentException naming what is not there, or a folder without a photo
   */
  static NamedPhotos of(List<String> arguments, PrintWriter told) throws IOException {
    List<String> files = new ArrayList<>();
    for (String argument : arguments) {
      Path path = Path.of(argument);
      if (Files.isDirectory(path)) {
        for (Path photo : photosIn(path, told)) {
          files.add(argument.replaceFirst("/+$", "") + "/" + photo.getFileName());
        }
      } else if (Files.isRegularFile(path)) {
        files.add(argument);
      } else {
        throw new IllegalArgumentException("there is no file or folder " + argument);
      }
    }
    return new NamedPhotos(files);
  }

  /** Without what was drawn here before, which is no photo of anything. */
  private static List<Path> photosIn(Path folder, PrintWriter told) throws IOException {
    List<Path> named = new PhotoFolder(folder).photos();
    Set<String> stems = named.stream().map(NamedPhotos::stem).collect(Collectors.toSet());
    List<Path> photos = named.stream().filter(file -> !isDrawing(file, stems)).toList();
    photos.stream()
        .filter(file -> !PhotoFolder.isNamedInText(file))
        .forEach(file -> told.printf("%s: its name is not UTF-8: rename it%n", file));
    long others = otherFiles(folder);
    if (others > 0) {
      told.printf("%s: %d files are not named as photos and left out%n", folder, others);
    }
    if (photos.size() < named.size()) {
      told.printf(
          "%s: %d drawings of photos there, NAME%s, are left out%n",
          folder, named.size() - photos.size(), DRAWING);
    }
    if (photos.isEmpty()) {
      throw new IllegalArgumentException("there is no photo in " + folder);
    }
    return photos;
  }

  private static boolean isDrawing(Path file, Set<String> stems) {
    String name = String.valueOf(file.getFileName());
    if (!name.endsWith(DRAWING)) {
      return false;
    }
    String of = name.substring(0, name.length() - DRAWING.length());
    return stems.contains(of) || stems.contains(of.replaceFirst("-\\d+$", ""));
  }

  private static long otherFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> !PhotoFolder.isNamedAsPhoto(file))
          .filter(file -> !String.valueOf(file.getFileName()).startsWith("."))
          .filter(Files::isRegularFile)
          .count();
    }
  }

  /**
   * The files that their boxes are drawn to, in their order: numbered where another photo's has
   * that name.
   *
   * @throws IllegalArgumentException if one of the photos would be lost by that
   */
  List<Path> drawings(Path folder) throws IOException {
    Map<Path, String> photos = new HashMap<>();
    for (String file : files) {
      Path photo = Path.of(file);
      if (Files.exists(photo)) {
        photos.put(photo.toRealPath(), file);
      }
    }
    Set<String> names = new HashSet<>();
    List<Path> drawings = new ArrayList<>();
    for (String file : files) {
      String stem = stem(Path.of(file));
      String name = stem + DRAWING;
      for (int number = 2; !names.add(name); number++) {
        name = stem + "-" + number + DRAWING;
      }
      Path drawing = folder.resolve(name);
      String lost = Files.exists(drawing) ? photos.get(drawing.toRealPath()) : null;
      if (lost != null) {
        throw new IllegalArgumentException(
            "the drawing of %s would replace the photo %s: leave that out, or name a folder by --out"
                .formatted(file, lost));
      }
      drawings.add(drawing);
    }
    return drawings;
  }

  private static String stem(Path file) {
    return String.valueOf(file.getFileName()).replaceFirst("\\.[^.]*$", "");
  }
}
