import type { NoticeTemplate } from '../api/notify.ts';
import type { NoticeMessage } from './notice.ts';

export interface RenderedNotice {
  readonly subject: string;
  readonly text: string;
}
/** What is wrong with a template; undefined when nothing is. */
export declare function checkTemplate(template: NoticeTemplate): string | undefined;
/** Subject and text. Throws Terminal `TemplateInvalid`. */
export declare function renderNotice(message: NoticeMessage): RenderedNotice;
