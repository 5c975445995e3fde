import { pagerDutySubject } from '../../../test/support/pagerduty-contract-scene.ts';
import { describeProviderContract } from '../../../test/support/provider-contract.ts';

describeProviderContract('PagerDuty', pagerDutySubject);
