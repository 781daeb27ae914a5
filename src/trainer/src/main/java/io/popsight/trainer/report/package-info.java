/**
 * What a person looks at after a training: one HTML file with everything in it, and the plots as
 * pictures. Start at {@link io.popsight.trainer.report.RunReport}.
 */
@NullMarked
package io.popsight.trainer.report;

import org.jspecify.annotations.NullMarked;
