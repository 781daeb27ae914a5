@NullMarked
package io.popsight.service.command;

import org.jspecify.annotations.NullMarked;
