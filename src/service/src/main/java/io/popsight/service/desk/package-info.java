/**
 * Where every door brings its photos and is told why one is refused. Start at {@link
 * io.popsight.service.desk.DetectionDesk}.
 */
@NullMarked
package io.popsight.service.desk;

import org.jspecify.annotations.NullMarked;
