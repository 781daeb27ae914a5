@NullMarked
package io.popsight.service.desk;

import org.jspecify.annotations.NullMarked;
